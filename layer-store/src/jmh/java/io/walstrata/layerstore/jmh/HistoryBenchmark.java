package io.walstrata.layerstore.jmh;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What does it take to read the last entries of the history of a key with 100 000 versions, from an
 * open layer and from a delta file? Images of 100 bytes; the time is per read.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HistoryBenchmark {
  private static final int VERSIONS = 100_000;
  private static final int BLOCK = 7;

  /** Where the versions are. */
  public enum Layer {
    OPEN,
    DELTA
  }

  @Param public Layer layer;

  @Param({"1", "100", "10000"})
  public int entries;

  private TempStore temp;

  @Setup(Level.Trial)
  public void write() throws IOException, InterruptedException {
    temp = new TempStore();
    for (int number = 0; number < VERSIONS; number++) {
      temp.putImage(BLOCK, new byte[100]);
    }
    if (layer == Layer.DELTA) {
      temp.flush();
    }
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    temp.close();
  }

  @Benchmark
  public void last(Blackhole hole) throws IOException {
    long returned =
        temp.store()
            .history(
                TempStore.TIMELINE,
                TempStore.key(BLOCK),
                new LsnRange(Lsn.of(1), Lsn.MAX),
                entries,
                entry -> {
                  hole.consume(entry);
                  return true;
                })
            .count();
    if (returned != entries) {
      throw new IllegalStateException(
          "entries are missing: returned=" + returned + ", expected=" + entries);
    }
  }
}
