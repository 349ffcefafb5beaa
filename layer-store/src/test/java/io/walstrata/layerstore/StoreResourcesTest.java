package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walstrata.layerstore.internal.file.BackgroundWrites;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreResourcesTest {
  private static final TimelineId TIMELINE = new TimelineId(0xA, 1);
  private static final StoreResources.Bounds BOUNDS = StoreResources.Bounds.DEFAULTS;

  /** Enough values to fill the write buffers more than once. */
  private static final int PAGES = 500;

  @TempDir Path directory;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  private Thread thread(Runnable task) {
    Thread thread = new Thread(task);
    threads.add(thread);
    return thread;
  }

  private StoreResources resources(StoreResources.Bounds bounds, LongSupplier nanoClock) {
    return StoreResources.create(bounds, nanoClock, this::thread);
  }

  /** Writes pages and flushes them; returns what the writer counted. */
  private WriteStats write(StoreResources resources) throws Exception {
    try (LayerStore store =
        LayerStore.open(new MemoryHome(), directory, LayerStoreOptions.DEFAULTS, resources)) {
      LayerWriter writer = store.claim();
      for (int page = 0; page < PAGES; page++) {
        PageKey key = PageKey.of(0, 1, 2, 3, 0, page);
        writer.put(page, TIMELINE, key, Lsn.of(100 + page), Value.image(new byte[8192]));
      }
      writer.freeze(PAGES);
      writer.awaitFlushed();
      return writer.writeStats();
    }
  }

  @Test
  void close_endsAllThreads_andReleasesAllBuffers() throws Exception {
    StoreResources resources = resources(BOUNDS.withDirectBufferBytes(16 << 20), System::nanoTime);
    write(resources);
    assertThat(resources.writing().valueBuffers().directBytes()).isPositive();
    assertThat(resources.writing().layerBuffers().directBytes()).isPositive();

    resources.close();

    assertThat(resources.writing().valueBuffers().directBytes()).isZero();
    assertThat(resources.writing().layerBuffers().directBytes()).isZero();
    assertThat(threads).hasSizeGreaterThan(1).allMatch(Thread::isDaemon);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void close_leavesWritesToTheirCallers() throws Exception {
    StoreResources resources = resources(BOUNDS, System::nanoTime);
    resources.close();
    AtomicReference<Thread> writing = new AtomicReference<>();
    BackgroundWrites background = resources.writing().background();
    BackgroundWrites.await(background.start(() -> writing.set(Thread.currentThread())));
    assertThat(writing).hasValue(Thread.currentThread());
    assertThat(BackgroundWrites.tryStart(background.syncs(), () -> {})).isNull();
    assertThat(threads).isEmpty();
  }

  @Test
  void bufferInUse_isReleasedWhenItIsGivenBack() {
    StoreResources resources = resources(BOUNDS.withDirectBufferBytes(16 << 20), System::nanoTime);
    var buffers = resources.writing().valueBuffers();
    var taken = buffers.take();
    resources.close();
    assertThat(buffers.directBytes()).isEqualTo(taken.capacity());
    buffers.giveBack(taken);
    assertThat(buffers.directBytes()).isZero();
    assertThat(buffers.take().isDirect()).isFalse();
  }

  @Test
  void directBuffers_areBounded() {
    try (StoreResources resources =
        resources(BOUNDS.withDirectBufferBytes(5 << 20), System::nanoTime)) {
      var layers = resources.writing().layerBuffers();
      assertThat(layers.take().isDirect()).isTrue();
      assertThat(layers.take().isDirect()).as("a fifth is for layer files").isFalse();
      var values = resources.writing().valueBuffers();
      for (int taken = 0; taken < 4; taken++) {
        assertThat(values.take().isDirect()).isTrue();
      }
      assertThat(values.take().isDirect()).isFalse();
    }
  }

  @Test
  void withoutDirectBuffers_buffersAreOnTheHeap() throws Exception {
    try (StoreResources resources = resources(BOUNDS.withDirectBufferBytes(0), System::nanoTime)) {
      write(resources);
      assertThat(resources.writing().valueBuffers().directBytes()).isZero();
      assertThat(resources.writing().layerBuffers().directBytes()).isZero();
    }
  }

  @Test
  void clockOfTheCaller_measures() throws Exception {
    long step = 1_000_000;
    AtomicLong nanos = new AtomicLong();
    try (StoreResources resources = resources(BOUNDS, () -> nanos.addAndGet(step))) {
      WriteStats stats = write(resources);
      assertThat(stats.flushNanos()).isPositive();
      assertThat(stats.flushNanos() % step).isZero();
    }
  }

  private static void assertRefused(StoreResources.Bounds bounds, String facts) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StoreResources.create(bounds))
        .withMessageContaining(facts);
  }

  @Test
  void bounds_outOfRange_areRefused() {
    assertRefused(BOUNDS.withDirectBufferBytes(-1), "directBufferBytes=-1");
    assertRefused(BOUNDS.withLayerCacheBytes(-1), "layerCacheBytes=-1");
    assertRefused(BOUNDS.withPageCacheBytes(-1), "pageCacheBytes=-1");
    assertRefused(BOUNDS.withMaxOpenFiles(0), "maxOpenFiles=0");
    assertRefused(StoreResources.Bounds.of(1000), "limitBytes=1000");
  }

  @Test
  void cachesOfMoreThanHalfOfTheBudget_areRefused() {
    StoreResources.Bounds half =
        StoreResources.Bounds.of(4 << 20).withLayerCacheBytes(1 << 20).withPageCacheBytes(1 << 20);
    StoreResources.create(half).close();
    assertRefused(
        half.withLayerCacheBytes((1 << 20) + 1),
        "layerCacheBytes=1048577, pageCacheBytes=1048576, memoryBudgetBytes=4194304");
  }
}
