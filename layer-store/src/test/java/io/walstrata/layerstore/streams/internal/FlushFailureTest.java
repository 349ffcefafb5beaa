package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.TextWal.page;
import static io.walstrata.layerstore.streams.internal.TextWal.put;
import static io.walstrata.layerstore.streams.internal.TextWal.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.MemoryBudget;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.internal.IoRunnable;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.FaultPlan;
import io.walstrata.layerstore.testkit.faultfs.Step.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A disk that fails, seen by the task that needs it: it waits, reports it, and resumes by itself.
 */
@Timeout(120)
class FlushFailureTest {
  @TempDir Path task;

  private final FaultFileSystem files = new Disk(DiskImage.EMPTY).start();

  private static TestLog log(int records) {
    TestLog log = new TestLog();
    for (int i = 0; i < records; i++) {
      log.add(put(1, i % 3, 100 + i, "value" + i));
    }
    return log;
  }

  private StateStoreOptions options(FreezePolicy policy) {
    return StoreHarness.options(files.getPath("/layers"), policy);
  }

  private static FaultPlan failing(Kind kind, String pathPart, Fault fault) {
    return step -> step.kind() == kind && step.path().contains(pathPart) ? fault : null;
  }

  /** Waits for something that comes by itself, for as long as the test may take. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private static boolean isReadable(StoreHarness harness, int record) {
    PageQuery query = PageQuery.withKey(timeline(1), page(record % 3)).asOf(Lsn.of(100 + record));
    byte[] bytes = TextWal.bytes("value" + record);
    return Arrays.equals(harness.read(query).base().value().bytes(), bytes);
  }

  private static void checkReads(StoreHarness harness, int records) {
    for (int record = 0; record < records; record++) {
      assertThat(isReadable(harness, record)).as("record " + record).isTrue();
    }
  }

  /** A task's thread, which may have to wait. */
  private static final class Writer {
    private final Thread thread;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Writer(Runnable work) {
      thread =
          new Thread(
              () -> {
                try {
                  work.run();
                  done.complete(null);
                } catch (Throwable e) {
                  done.completeExceptionally(e);
                }
              });
      thread.start();
    }

    void awaitWaiting() throws Exception {
      await(
          () ->
              done.isDone()
                  || thread.getState() == Thread.State.WAITING
                  || thread.getState() == Thread.State.TIMED_WAITING);
      assertThat(done).isNotDone();
    }

    void join() throws Exception {
      done.get();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "WRITE, .delta.temp, No space left on device",
    "CREATE, .delta.temp, No space left on device",
    "FORCE, .delta.temp, Input/output error",
    "MOVE, .delta.temp, Input/output error",
    "WRITE, manifest.temp, No space left on device",
    "FORCE, manifest.temp, Input/output error",
    "MOVE, manifest.temp, Input/output error",
    "SYNC_DIRECTORY, /layers, Input/output error"
  })
  void flush_thatFails_isWaitedFor(Kind kind, String pathPart, String reason) throws Exception {
    TestLog log = log(10);
    List<ConsumerRecord<byte[], byte[]>> records = log.records();
    StateStoreOptions options = options(FreezePolicy.everyOffsets(2));
    try (StoreHarness harness = new StoreHarness(options, task)) {
      harness.process(records.subList(0, 2)).flush();
      assertThat(harness.store.committedOffset(StoreHarness.PARTITION)).isEqualTo(1);

      files.plan(failing(kind, pathPart, new Fault(Fault.Effect.NOTHING, reason)));
      harness.process(records.subList(2, 7)); // two freeze points, as many as may wait
      await(() -> harness.status().flushFailure().isPresent());
      assertThat(harness.status().flushFailure().orElseThrow()).contains(reason);
      assertThat(harness.status().writes().frozenLayers()).isEqualTo(2);
      Writer writer = new Writer(() -> harness.process(records.subList(7, 10)));
      writer.awaitWaiting();
      assertThat(harness.status().ingestedOffset()).hasValue(6);
      assertThat(harness.store.committedOffset(StoreHarness.PARTITION)).isEqualTo(1);
      checkReads(harness, 7);

      files.plan(FaultPlan.NONE);
      writer.join();
      harness.flush();
      assertThat(harness.store.committedOffset(StoreHarness.PARTITION)).isEqualTo(9);
      assertThat(harness.status().flushFailure()).isEmpty();
      assertThat(harness.status().writes().frozenLayers()).isZero();
      assertThat(harness.status().writes().heldNanos()).isPositive();
      assertThat(harness.status().counters().get(IngestCounter.VERSIONS)).isEqualTo(10);
      checkReads(harness, 10);
    }
    try (StoreHarness again = new StoreHarness(options, task)) {
      checkReads(again, 10);
    }
  }

  @Test
  void flush_thatFails_holdsTheWriterWithinTheMemoryBudget() throws Exception {
    StoreResources resources = StoreResources.create(StoreResources.Bounds.of(1 << 20));
    MemoryBudget budget = resources.memoryBudget();
    int records = 400;
    TestLog log = new TestLog();
    for (int i = 0; i < records; i++) {
      StringBuilder text = new StringBuilder(put(1, 0, 100 + 200L * i, "first"));
      for (int j = 1; j < 100; j++) {
        text.append('\n').append(put(1, i * 100 + j, 100 + 200L * i + j, "value"));
      }
      log.add(text.toString());
    }
    StateStoreOptions options =
        StoreHarness.options(
                files.getPath("/layers"), FreezePolicy.everyOffsets(1_000_000), resources)
            .withEngine(LayerStoreOptions.DEFAULTS.withMaxFrozen(100).withWriteBufferBytes(4096));
    try (StoreHarness harness = new StoreHarness(options, task)) {
      harness.process(log.records().subList(0, 1));
      files.plan(failing(Kind.WRITE, ".delta", Fault.noSpace(Fault.Effect.NOTHING)));
      Writer writer = new Writer(() -> harness.process(log.records().subList(1, records)));
      await(() -> harness.status().flushFailure().isPresent());
      writer.awaitWaiting();
      await(() -> budget.heldBytes() > budget.limitBytes());
      // Beyond the budget: a record's 100 versions, and a step of growth of half a layer at most.
      assertThat(budget.heldBytes())
          .isLessThan(budget.limitBytes() + budget.limitBytes() / 4 + 100 * 100);
      assertThat(harness.store.committedOffset(StoreHarness.PARTITION)).isNull();

      files.plan(FaultPlan.NONE);
      writer.join();
      assertThat(harness.store.freezeEarly(FreezeReason.IDLE)).isTrue();
      harness.flush();
      assertThat(harness.store.committedOffset(StoreHarness.PARTITION)).isEqualTo(records - 1);
      assertThat(harness.status().counters().get(IngestCounter.VERSIONS)).isEqualTo(records * 100L);
      assertThat(harness.status().writes().freezes())
          .hasEntrySatisfying(FreezeReason.MEMORY, count -> assertThat(count).isGreaterThan(2));
      assertThat(budget.heldBytes()).isEqualTo(budget.keptBytes());
    }
  }

  private PartitionIngest ingest(LayerStore store) {
    return ingest(store, () -> {});
  }

  private PartitionIngest ingest(LayerStore store, IoRunnable onClaim) {
    return new PartitionIngest(
        store,
        new TextWal(),
        options(FreezePolicy.everyOffsets(100)),
        onClaim,
        /* fromBeginning= */ false);
  }

  private LayerStore open(String name) throws IOException {
    return LayerStore.open(
        new LocalLayerHome(files.getPath("/" + name)),
        files.getPath("/" + name + "-task"),
        LayerStoreOptions.DEFAULTS.withWriteBufferBytes(4096));
  }

  private static RawRecord record(String text) {
    return TestLog.raw(new TestLog().add(text).records().get(0));
  }

  @ParameterizedTest
  @CsvSource({"WRITE, HALF", "WRITE, NOTHING", "WRITE, ALL", "CREATE, NOTHING"})
  void values_thatCannotBeWritten_areWaitedFor_andNothingIsAppliedTwice(
      Kind kind, Fault.Effect effect) throws Exception {
    String large = "x".repeat(5000);
    RawRecord record =
        record(
            put(1, 1, 100, large)
                + "\ndrop 1 7 9 100\n"
                + ("batch 1 2:100:image:" + large + " 2:101:image:" + large + " 2:101:image:b\n")
                + put(2, 1, 50, large)
                + "\n"
                + put(2, 1, 50, "other"));
    try (LayerStore calm = open("calm");
        LayerStore store = open("full")) {
      PartitionIngest expected = ingest(calm);
      expected.process(record);
      PartitionIngest ingest = ingest(store);
      files.plan(failing(kind, "/full-task/", Fault.noSpace(effect)));
      Writer writer = new Writer(() -> ingest.process(record));
      await(() -> ingest.waiting() != null || writer.done.isDone());
      assertThat(ingest.waiting()).hasMessageContaining("No space left on device");
      writer.awaitWaiting();
      assertThat(ingest.ingestedOffset()).isEmpty();
      assertThat(ingest.freezeEarly(FreezeReason.MEMORY)).as("in the middle of a record").isFalse();

      files.plan(FaultPlan.NONE);
      writer.join();
      assertThat(ingest.waiting()).isNull();
      assertThat(ingest.counters()).isEqualTo(expected.counters());
      assertThat(ingest.counters().get(IngestCounter.VERSIONS)).isEqualTo(4);
      assertThat(digests(store, ingest)).isEqualTo(digests(calm, expected)).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CREATE_DIRECTORY, /home, NOTHING, No space left on device",
    "CREATE, lock, NOTHING, No space left on device",
    "WRITE, lock, NOTHING, No space left on device",
    "WRITE, manifest.temp, HALF, No space left on device",
    "FORCE, manifest.temp, NOTHING, Input/output error",
    "MOVE, manifest.temp, NOTHING, Input/output error",
    "SYNC_DIRECTORY, /home, NOTHING, Input/output error",
    "STAT, none, NOTHING, the marker's disk is full"
  })
  void claim_thatFailsForTheDisk_isWaitedFor(
      Kind kind, String pathPart, Fault.Effect effect, String reason) throws Exception {
    AtomicBoolean isMarkerFailing = new AtomicBoolean(pathPart.equals("none"));
    IoRunnable onClaim =
        () -> {
          if (isMarkerFailing.get()) {
            throw new IOException(reason);
          }
        };
    RawRecord record = record(put(1, 1, 100, "value"));
    try (LayerStore store = open("home")) {
      PartitionIngest ingest = ingest(store, onClaim);
      files.plan(failing(kind, pathPart, new Fault(effect, reason)));
      Writer writer = new Writer(() -> ingest.process(record));
      await(() -> ingest.waiting() != null || writer.done.isDone());
      assertThat(ingest.waiting()).hasMessageContaining(reason);
      writer.awaitWaiting();
      assertThat(ingest.isClaimed()).isFalse();

      files.plan(FaultPlan.NONE);
      isMarkerFailing.set(false);
      writer.join();
      assertThat(ingest.waiting()).isNull();
      assertThat(ingest.ingestedOffset()).hasValue(0);
      assertThat(digests(store, ingest)).hasSize(1);
      assertThat(store.durableOffset()).hasValue(0);
    }
  }

  @Test
  void claim_withoutTheRightToWrite_isNotWaitedFor() throws Exception {
    try (LayerStore store = open("home")) {
      PartitionIngest ingest =
          ingest(
              store,
              () -> {
                throw new AccessDeniedException("/task/layers");
              });
      assertThatThrownBy(() -> ingest.process(record(put(1, 1, 100, "value"))))
          .isInstanceOf(ProcessorStateException.class)
          .hasMessageContaining("/task/layers");
    }
  }

  @Test
  void wait_thatEndsWithAnotherFailure_isOver() throws Exception {
    AtomicBoolean isRightMissing = new AtomicBoolean();
    try (LayerStore store = open("home")) {
      PartitionIngest ingest =
          ingest(
              store,
              () -> {
                throw isRightMissing.get()
                    ? new AccessDeniedException("/task/layers")
                    : new IOException("No space left on device");
              });
      Writer writer = new Writer(() -> ingest.process(record(put(1, 1, 100, "value"))));
      await(() -> ingest.waiting() != null || writer.done.isDone());
      assertThat(ingest.waiting()).hasMessageContaining("No space left on device");
      isRightMissing.set(true);
      assertThatThrownBy(writer::join).hasMessageContaining("/task/layers");
      assertThat(ingest.waiting()).isNull();
      assertThat(ingest.failure()).hasMessageContaining("/task/layers");
    }
  }

  @Test
  void wait_thatIsInterrupted_isOver() throws Exception {
    try (LayerStore store = open("home")) {
      PartitionIngest ingest =
          ingest(
              store,
              () -> {
                throw new IOException("No space left on device");
              });
      Writer writer = new Writer(() -> ingest.process(record(put(1, 1, 100, "value"))));
      await(() -> ingest.waiting() != null || writer.done.isDone());
      writer.thread.interrupt();
      assertThatThrownBy(writer::join).hasMessageContaining("interrupted");
      assertThat(ingest.waiting()).isNull();
      assertThat(ingest.failure()).hasMessageContaining("interrupted");
    }
  }

  private static List<Long> digests(LayerStore store, PartitionIngest ingest) throws Exception {
    assertThat(ingest.freezeEarly(FreezeReason.IDLE)).isTrue();
    ingest.awaitFlushed();
    return store.timelines().stream().map(TimelineInfo::durableDigest).toList();
  }
}
