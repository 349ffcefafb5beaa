package io.walstrata.layerstore.jmh;

import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.util.SplittableRandom;
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

/**
 * What does it take to read a page: from an open layer and from a delta file, as of the last LSN
 * and as of any LSN before it, where one key has 100 000 versions, and where 100 000 keys have one
 * each? One layer, images of 100 bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PointReadBenchmark {
  private static final int VERSIONS = 100_000;
  private static final int VALUE_BYTES = 100;

  /** Where the versions are. */
  public enum Layer {
    OPEN,
    DELTA
  }

  /** How many keys the versions have. */
  public enum Keys {
    ONE,
    MANY
  }

  @Param public Layer layer;
  @Param public Keys keys;

  private final SplittableRandom random = new SplittableRandom(1);
  private final Lsn[] lsns = new Lsn[VERSIONS];
  private TempStore temp;

  @Setup(Level.Trial)
  public void write() throws IOException, InterruptedException {
    temp = new TempStore();
    for (int number = 0; number < VERSIONS; number++) {
      temp.putImage(block(number), new byte[VALUE_BYTES]);
      lsns[number] = temp.lastLsn();
    }
    if (layer == Layer.DELTA) {
      temp.flush();
    }
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    temp.close();
  }

  private int block(int number) {
    return keys == Keys.ONE ? 7 : number;
  }

  @Benchmark
  public ReconstructData newest() throws IOException {
    return read(random.nextInt(VERSIONS), temp.lastLsn());
  }

  @Benchmark
  public ReconstructData old() throws IOException {
    int number = random.nextInt(VERSIONS);
    return read(number, lsns[number]);
  }

  private ReconstructData read(int number, Lsn asOf) throws IOException {
    ReconstructData data = temp.store().get(TempStore.TIMELINE, TempStore.key(block(number)), asOf);
    if (data.base() == null) {
      throw new IllegalStateException("not found: " + data);
    }
    return data;
  }
}
