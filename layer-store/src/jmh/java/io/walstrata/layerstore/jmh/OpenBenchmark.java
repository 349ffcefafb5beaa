package io.walstrata.layerstore.jmh;

import io.walstrata.layerstore.LayerStore;
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

/**
 * What does it take to open a store for reading, by the number of its layers? Each layer has a few
 * versions of its own; opening reads the manifest, and each layer's header and footer.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OpenBenchmark {
  private static final int VERSIONS_PER_LAYER = 16;

  @Param({"1", "100", "1000"})
  public int layers;

  private TempStore temp;

  @Setup(Level.Trial)
  public void write() throws IOException, InterruptedException {
    temp = new TempStore();
    for (int layer = 0; layer < layers; layer++) {
      for (int version = 0; version < VERSIONS_PER_LAYER; version++) {
        temp.putImage(layer + version, new byte[100]);
      }
      temp.flush();
    }
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    temp.close();
  }

  @Benchmark
  public int open() throws IOException {
    try (LayerStore opened = temp.open()) {
      int found = opened.layers(TempStore.TIMELINE).size();
      if (found != layers) {
        throw new IllegalStateException("layers are missing: found=" + found);
      }
      return found;
    }
  }
}
