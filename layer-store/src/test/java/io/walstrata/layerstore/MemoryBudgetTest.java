package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.FencedException;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.testkit.FaultyHome;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class MemoryBudgetTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 0);
  private static final long LIMIT = 2 << 20;

  @TempDir Path directory;
  private final StoreResources resources = StoreResources.create(StoreResources.Bounds.of(LIMIT));
  private final MemoryBudget budget = resources.memoryBudget();
  private final List<Partition> partitions = new ArrayList<>();

  /** A store with what a log's partition has around it. */
  private final class Partition {
    private final MemoryHome disk = new MemoryHome();
    private final FaultyHome home = new FaultyHome(disk);
    private final ReentrantLock record = new ReentrantLock();
    private final LayerStore store;
    private final LayerWriter writer;
    private long offset = -1;

    Partition() throws IOException {
      store = openStore(home, partitions.size());
      writer = store.claim();
      writer.onMemoryPressure(this::freezeEarly);
      partitions.add(this);
    }

    private boolean freezeEarly() {
      if (!record.tryLock()) {
        return false;
      }
      try {
        return writer.tryFreeze(offset, FreezeReason.MEMORY);
      } catch (IOException e) {
        return false;
      } finally {
        record.unlock();
      }
    }

    /** Puts records of a hundred versions each. */
    Partition put(int records) throws IOException {
      for (int i = 0; i < records; i++) {
        ValueBatch batch = new ValueBatch();
        batch.reset(TIMELINE, new byte[1000], 0, 1000);
        for (int j = 0; j < 100; j++) {
          long lsn = 1 + 100 * (offset + 1) + j;
          batch.add(PageKey.of(0, 1663, 5, 1, 0, lsn), Lsn.of(lsn), 10 * j, 10, ValueKind.IMAGE);
        }
        record.lock();
        try {
          writer.putAll(++offset, batch);
        } finally {
          record.unlock();
        }
      }
      return this;
    }

    long freezes(FreezeReason reason) {
      return writer.writeStats().freezes().getOrDefault(reason, 0L);
    }

    long open() {
      return writer.writeStats().openHeapBytes();
    }
  }

  private LayerStore openStore(LayerHome home, int number) throws IOException {
    return LayerStore.open(
        home,
        directory.resolve("store" + number),
        LayerStoreOptions.DEFAULTS.withMaxFrozen(50).withWriteBufferBytes(4096),
        resources);
  }

  @AfterEach
  void close() throws IOException {
    for (Partition partition : partitions) {
      partition.home.failAt(step -> false);
      partition.store.checkInvariants();
      partition.store.close();
    }
    assertThat(budget.openBytes()).isZero();
    assertThat(budget.frozenBytes()).isZero();
    assertThat(budget.heldBytes()).isZero();
  }

  private long held() {
    return budget.heldBytes();
  }

  @Test
  void limit_ofNextToNothing_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MemoryBudget(1000, System::nanoTime))
        .withMessageContaining("1000");
  }

  @Test
  void bytes_goFromOpenToFrozenToNone() throws Exception {
    Partition one = new Partition().put(10);
    Partition other = new Partition().put(5);
    assertThat(budget.openBytes()).isEqualTo(one.open() + other.open()).isPositive();
    one.home.failAt(step -> true);
    long open = one.open();
    one.writer.freeze(one.offset);
    assertThat(one.writer.writeStats().frozenHeapBytes()).isEqualTo(open);
    assertThat(budget.frozenBytes()).isEqualTo(open);
    assertThat(budget.openBytes()).isEqualTo(other.open());
    one.home.failAt(step -> false);
    one.writer.awaitFlushed();
    assertThat(budget.frozenBytes()).isZero();
    assertThat(one.writer.writeStats().openHeapBytes()).isZero();
  }

  @Test
  void openLayersOverHalf_theLargestIsFrozen_alsoIfItIsIdle() throws Exception {
    Partition small = new Partition().put(1);
    Partition large = new Partition().put(1);
    while (budget.openBytes() <= LIMIT / 2) {
      large.put(1);
    }
    small.put(1).writer.settleMemory();

    assertThat(large.freezes(FreezeReason.MEMORY)).isEqualTo(1);
    assertThat(large.open()).isZero();
    assertThat(small.freezes(FreezeReason.MEMORY)).isZero();
    large.writer.awaitFlushed();
    assertThat(large.store.durableOffset()).hasValue(large.offset);
    assertThat(large.store.layers(TIMELINE))
        .singleElement()
        .extracting(LayerDesc::freezeReason)
        .isEqualTo(FreezeReason.MEMORY);
  }

  @Test
  void whatIsSmallBesideAStoreInTheMiddleOfARecord_isLeftAlone() throws Exception {
    Partition small = new Partition();
    Partition large = new Partition();
    while (budget.openBytes() <= LIMIT / 2) {
      large.put(1);
    }
    large.record.lock();
    CompletableFuture.runAsync(
            () -> {
              try {
                small.put(1).writer.settleMemory();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .get();
    assertThat(small.freezes(FreezeReason.MEMORY)).isZero();
    large.record.unlock();
    large.writer.settleMemory();
    assertThat(large.freezes(FreezeReason.MEMORY)).isEqualTo(1);
  }

  @Test
  void storeInTheMiddleOfARecord_isLeftAlone_untilItIsDone() throws Exception {
    Partition small = new Partition().put(40);
    Partition large = new Partition();
    while (budget.openBytes() <= LIMIT / 2) {
      large.put(1);
    }
    CompletableFuture<Void> locked = new CompletableFuture<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread busy =
        new Thread(
            () -> {
              large.record.lock();
              locked.complete(null);
              done.join();
              large.record.unlock();
            });
    busy.start();
    locked.get();
    small.writer.settleMemory();
    assertThat(large.freezes(FreezeReason.MEMORY)).isZero();
    assertThat(small.freezes(FreezeReason.MEMORY)).isEqualTo(1);
    done.complete(null);
    busy.join();
    while (budget.openBytes() <= LIMIT / 2) {
      large.put(1);
    }
    large.writer.settleMemory();
    assertThat(large.freezes(FreezeReason.MEMORY)).isEqualTo(1);
  }

  /** Fills partitions until more than the budget is frozen and cannot be written. */
  private Partition overTheLimit() throws IOException {
    Partition stuck = new Partition();
    stuck.home.failAt(step -> true);
    while (held() <= LIMIT) {
      stuck.put(1);
      stuck.freezeEarly();
    }
    return stuck;
  }

  @Test
  void overTheLimit_writersWaitUntilThereIsRoom() throws Exception {
    Partition stuck = overTheLimit();
    Partition calm = new Partition().put(1);
    CompletableFuture<Void> settled = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                calm.writer.settleMemory();
                settled.complete(null);
              } catch (IOException e) {
                settled.completeExceptionally(e);
              }
            });
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && !settled.isDone()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    assertThat(settled).isNotDone();
    stuck.home.failAt(step -> false);
    settled.get();
    assertThat(held()).isLessThanOrEqualTo(LIMIT);
    assertThat(calm.writer.writeStats().heldNanos()).isPositive();
  }

  @Test
  void overTheLimit_closingTheStoreThatIsStuck_letsTheOthersContinue() throws Exception {
    Partition stuck = overTheLimit();
    Partition calm = new Partition().put(1);
    CompletableFuture<Void> settled =
        CompletableFuture.runAsync(
            () -> {
              try {
                calm.writer.settleMemory();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    stuck.store.close();
    settled.get();
  }

  @Test
  void storeThatIsFenced_isNotWaitedFor() throws Exception {
    Partition stuck = overTheLimit();
    byte[] manifest = stuck.home.readManifest();
    Manifest others = ManifestFormat.decode("manifest", manifest).withEpoch(77);
    stuck.disk.replaceManifest(manifest, ManifestFormat.encode(others));
    stuck.home.failAt(step -> false);
    Partition calm = new Partition().put(1);
    calm.writer.settleMemory();
    calm.put(10).writer.settleMemory();
    assertThatThrownBy(() -> stuck.writer.awaitFlushed()).isInstanceOf(FencedException.class);
  }

  @Test
  void manyWriters_stayWithinTheBudget_andLoseNothing() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<CompletableFuture<Long>> most = new ArrayList<>();
    int records = 300;
    for (int i = 0; i < 4; i++) {
      Partition partition = new Partition();
      CompletableFuture<Long> highest = new CompletableFuture<>();
      most.add(highest);
      Thread thread =
          new Thread(
              () -> {
                try {
                  long max = 0;
                  for (int record = 0; record < records; record++) {
                    partition.put(1).writer.settleMemory();
                    max = Math.max(max, held());
                  }
                  highest.complete(max);
                } catch (IOException | RuntimeException e) {
                  highest.completeExceptionally(e);
                }
              });
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (CompletableFuture<Long> highest : most) {
      // A record of each thread, and a step of growth of its layer.
      assertThat(highest.get()).isLessThan(LIMIT + 4 * (100 * 100 + LIMIT / 4));
    }
    long early = 0;
    for (Partition partition : partitions) {
      partition.writer.freeze(partition.offset);
      partition.writer.awaitFlushed();
      early += partition.freezes(FreezeReason.MEMORY);
      assertThat(partition.store.timelines().get(0).versions()).isEqualTo(100L * records);
    }
    assertThat(early).isGreaterThan(3);
  }
}
