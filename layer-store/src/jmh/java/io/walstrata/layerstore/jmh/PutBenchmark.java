package io.walstrata.layerstore.jmh;

import io.walstrata.layerstore.BatchResult;
import io.walstrata.layerstore.PutResult;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it take to put one version into the open layer: alone, and as one of a batch of 16?
 * Each iteration begins with an empty store, so that a layer has as many versions as fit into its
 * time. Values are images; the time is per version.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class PutBenchmark {
  private static final int BATCH = 16;

  /** Which keys. */
  public enum Keys {
    /** Each once, in order. */
    SEQUENTIAL,
    /** Each once, in no order. */
    RANDOM,
    /** 1024 keys, in no order. */
    REUSED
  }

  @Param public Keys keys;

  @Param({"100", "8192"})
  public int valueBytes;

  private final ValueBatch batch = new ValueBatch();
  private TempStore temp;
  private byte[] raw;
  private Value value;
  private int number;

  @Setup(Level.Iteration)
  public void open() throws IOException {
    temp = new TempStore();
    raw = new byte[BATCH * valueBytes];
    value = Value.image(new byte[valueBytes]);
    number = 0;
  }

  @TearDown(Level.Iteration)
  public void close() throws IOException {
    temp.close();
  }

  private PageKey nextKey() {
    int next = number++;
    return TempStore.key(
        switch (keys) {
          case SEQUENTIAL -> next;
          case RANDOM -> mix(next);
          case REUSED -> mix(next) & 1023;
        });
  }

  /** One to one. */
  private static int mix(int bits) {
    int mixed = bits * 0x9E3779B9;
    return mixed ^ mixed >>> 15;
  }

  @Benchmark
  public PutResult one() throws IOException {
    return temp.writer()
        .put(temp.nextOffset(), TempStore.TIMELINE, nextKey(), temp.nextLsn(), value);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public BatchResult batch() throws IOException {
    batch.reset(TempStore.TIMELINE, raw, 0, raw.length);
    for (int i = 0; i < BATCH; i++) {
      batch.add(nextKey(), temp.nextLsn(), i * valueBytes, valueBytes, ValueKind.IMAGE);
    }
    return temp.writer().putAll(temp.nextOffset(), batch);
  }
}
