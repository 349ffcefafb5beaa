package io.walstrata.layerstore.jmh;

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
 * What does it take to write an open layer to a delta file, until it is durable and in the
 * manifest? 32 MiB of images, keys in no order with about 4 versions each.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
public class FlushBenchmark {
  private static final int VOLUME_BYTES = 32 << 20;
  private static final int VERSIONS_PER_KEY = 4;

  @Param({"100", "8192"})
  public int valueBytes;

  private TempStore temp;

  @Setup(Level.Invocation)
  public void fill() throws IOException {
    temp = new TempStore();
    SplittableRandom random = new SplittableRandom(1);
    int versions = VOLUME_BYTES / valueBytes;
    for (int number = 0; number < versions; number++) {
      temp.putImage(random.nextInt(versions / VERSIONS_PER_KEY), new byte[valueBytes]);
    }
  }

  @TearDown(Level.Invocation)
  public void close() throws IOException {
    temp.close();
  }

  @Benchmark
  public void flush() throws IOException, InterruptedException {
    temp.flush();
  }
}
