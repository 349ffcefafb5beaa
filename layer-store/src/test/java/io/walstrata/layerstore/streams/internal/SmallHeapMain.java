package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.MemoryBudget;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.WalSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Ingests into many partitions at once, by two threads as tasks would, in a heap that may be too
 * small for their open layers, and prints the outcome as a line of a Markdown table. Exit status 3:
 * out of memory.
 *
 * <p>Arguments: directory, memory budget in bytes (0: none), partitions, versions (millions). Every
 * version is of another key, in no order, and has 100 bytes; each partition has ten timelines; the
 * freeze policy is the default.
 */
final class SmallHeapMain {
  static final int OUT_OF_MEMORY = 3;

  private static final int BATCH = 100;
  private static final int VALUE = 100;
  private static final int TIMELINES = 10;

  private final Path directory;
  private final StoreResources resources;
  private final MemoryBudget budget;
  private final List<Partition> partitions = new ArrayList<>();
  private final AtomicLong versions = new AtomicLong();
  private final AtomicLong mostHeld = new AtomicLong();
  private volatile boolean isOutOfMemory;

  @SuppressWarnings("UnusedVariable") // given up to have memory for telling that there is none
  private byte @Nullable [] reserve = new byte[4 << 20];

  private SmallHeapMain(Path directory, long budgetBytes) {
    this.directory = directory;
    resources =
        StoreResources.create(
            budgetBytes == 0
                ? StoreResources.Bounds.DEFAULTS
                : StoreResources.Bounds.of(budgetBytes));
    budget = resources.memoryBudget();
  }

  public static void main(String[] args) throws Exception {
    SmallHeapMain main = new SmallHeapMain(Path.of(args[0]), Long.parseLong(args[1]));
    int partitions = Integer.parseInt(args[2]);
    try {
      main.run(partitions, Long.parseLong(args[3]) * 1_000_000);
    } catch (OutOfMemoryError e) {
      main.isOutOfMemory = true;
      main.reserve = null;
      main.partitions.clear();
      System.out.printf(
          "| %d MiB | none | %d | OutOfMemoryError after %.1f million versions | | | | |%n",
          Runtime.getRuntime().maxMemory() >> 20, partitions, main.versions.get() / 1e6);
      System.out.flush();
      Runtime.getRuntime().halt(OUT_OF_MEMORY);
    }
    Runtime.getRuntime().halt(0);
  }

  private final class Partition {
    private final int number;
    private final LayerStore store;
    private final PartitionIngest ingest;
    private final ValueBatch batch = new ValueBatch();
    private final byte[] values = new byte[BATCH * VALUE];
    private long offset;

    Partition(int number) throws IOException {
      this.number = number;
      store =
          LayerStore.open(
              new LocalLayerHome(directory.resolve("layers/" + number)),
              directory.resolve("task/" + number),
              LayerStoreOptions.DEFAULTS,
              resources);
      StateStoreOptions options =
          StateStoreOptions.of(
                  "wal", LayerHomes.directory(directory), resources, () -> this::decode)
              .withFreezePolicy(FreezePolicy.DEFAULTS);
      ingest =
          new PartitionIngest(store, this::decode, options, () -> {}, /* fromBeginning= */ false);
    }

    private void decode(RawRecord record, WalSink sink) throws BadRecordException {
      TimelineId timeline = new TimelineId(number, record.offset() % TIMELINES);
      batch.reset(timeline, values, 0, values.length);
      for (int i = 0; i < BATCH; i++) {
        long lsn = record.offset() * BATCH + i + 1;
        long key = (lsn * 0x9E3779B97F4A7C15L) >>> 1;
        batch.add(1, key, lsn, i * VALUE, VALUE, ValueKind.IMAGE);
      }
      sink.batch(batch);
    }

    void ingest() {
      ingest.process(new RawRecord("wal", number, offset, 1, values, values, new RecordHeaders()));
      offset++;
      versions.addAndGet(BATCH);
      mostHeld.accumulateAndGet(budget.heldBytes(), Math::max);
    }
  }

  private void run(int count, long wanted) throws Exception {
    final long start = System.nanoTime();
    for (int number = 0; number < count; number++) {
      partitions.add(new Partition(number));
    }
    int writers = 2;
    List<Thread> threads = new ArrayList<>();
    List<Exception> failures = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      int first = writer;
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (versions.get() < wanted && !isOutOfMemory) {
                    for (int number = first; number < count; number += writers) {
                      partitions.get(number).ingest();
                    }
                  }
                } catch (OutOfMemoryError e) {
                  isOutOfMemory = true; // nothing else: there is no memory for it
                } catch (Exception e) {
                  synchronized (failures) {
                    failures.add(e);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
    if (isOutOfMemory) {
      throw new OutOfMemoryError("in a writer");
    }
    for (Exception failure : failures) {
      throw failure;
    }
    report(count, (System.nanoTime() - start) / 1e9);
  }

  private void report(int count, double seconds) throws Exception {
    long found = 0;
    long layers = 0;
    long fileBytes = 0;
    long early = 0;
    for (Partition partition : partitions) {
      partition.ingest.freezeEarly(FreezeReason.IDLE);
      partition.ingest.awaitFlushed();
      early += partition.ingest.writeStats().freezes().getOrDefault(FreezeReason.MEMORY, 0L);
      for (TimelineInfo info : partition.store.timelines()) {
        found += info.versions();
        layers += info.layers();
        fileBytes += info.sizeBytes();
        if (!info.durableLsn().equals(info.lastLsn()) || info.lastLsn().equals(Lsn.INVALID)) {
          throw new IllegalStateException("not all of it is durable: timeline=" + info.timeline());
        }
      }
      partition.store.close();
    }
    if (found != versions.get()) {
      throw new IllegalStateException("versions lost: put=" + versions + ", found=" + found);
    }
    System.out.printf(
        Locale.ROOT,
        "| %d MiB | %s | %d | %.1f million versions, all durable | %d | %.1f GiB | %d | %.0f MiB |"
            + " %.0f s |%n",
        Runtime.getRuntime().maxMemory() >> 20,
        budget.limitBytes() == Long.MAX_VALUE ? "none" : (budget.limitBytes() >> 20) + " MiB",
        count,
        found / 1e6,
        layers,
        fileBytes / (double) (1 << 30),
        early,
        mostHeld.get() / (double) (1 << 20),
        seconds);
    System.out.flush();
  }
}
