package io.walstrata.layerstore.jmh;

import io.walstrata.layerstore.DroppedPages;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What does it take to read neighbouring pages with one range read, and as many scattered ones with
 * one read of many keys, from an open layer and from a delta file? One layer of 100 000 keys with 4
 * versions each, images of 100 bytes, as of the last LSN; the time is per read.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RangeReadBenchmark {
  private static final int KEYS = 100_000;
  private static final int VERSIONS_PER_KEY = 4;
  private static final int VALUE_BYTES = 100;

  /** Where the versions are. */
  public enum Layer {
    OPEN,
    DELTA
  }

  @Param public Layer layer;

  @Param({"33", "1000"})
  public int pages;

  private final SplittableRandom random = new SplittableRandom(1);
  private TempStore temp;
  private Lsn lastLsn;

  @Setup(Level.Trial)
  public void write() throws IOException, InterruptedException {
    temp = new TempStore();
    for (int round = 0; round < VERSIONS_PER_KEY; round++) {
      for (int block = 0; block < KEYS; block++) {
        temp.putImage(block, new byte[VALUE_BYTES]);
      }
    }
    if (layer == Layer.DELTA) {
      temp.flush();
    }
    lastLsn = temp.lastLsn();
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    temp.close();
  }

  @Benchmark
  public void neighbours(Blackhole hole) throws IOException {
    int first = random.nextInt(KEYS - pages);
    KeyRange range = new KeyRange(TempStore.key(first), TempStore.key(first + pages));
    check(
        temp.store()
            .scan(
                TempStore.TIMELINE,
                range,
                lastLsn,
                DroppedPages.SKIP,
                Long.MAX_VALUE,
                page -> take(page, hole))
            .count());
  }

  @Benchmark
  public void scattered(Blackhole hole) throws IOException {
    List<PageKey> keys = new ArrayList<>();
    int stride = KEYS / pages;
    int first = random.nextInt(stride);
    for (int i = 0; i < pages; i++) {
      keys.add(TempStore.key(first + i * stride));
    }
    check(temp.store().getAll(TempStore.TIMELINE, keys, lastLsn, page -> take(page, hole)).count());
  }

  private static boolean take(ReconstructData page, Blackhole hole) {
    hole.consume(page.base());
    return true;
  }

  private void check(long returned) {
    if (returned != pages) {
      throw new IllegalStateException(
          "pages are missing: returned=" + returned + ", expected=" + pages);
    }
  }
}
