package io.walstrata.layerstore.jmh;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.redo.BytePatchRedo;
import io.walstrata.layerstore.redo.BytePatchRedo.Patch;
import io.walstrata.layerstore.redo.RedoResult;
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
 * What does it take to read a page by redo: an image of 8192 bytes with 1 to 1000 patches of 32
 * bytes after it, from an open layer and from a delta file; without a cache of pages, and with one
 * that has the page?
 *
 * <pre>
 * mvn -pl layer-store test-compile exec:exec@jmh -Djmh="-prof gc PageReadBenchmark"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PageReadBenchmark {
  private static final int BLOCK = 7;
  private static final int PAGE_BYTES = 8192;
  private static final int PATCH_BYTES = 32;

  @Param({"1", "10", "100", "1000"})
  public int patches;

  @Param public PointReadBenchmark.Layer layer;

  @Param({"false", "true"})
  public boolean cached;

  private TempStore temp;
  private StoreResources resources;
  private Lsn lastLsn;

  @Setup(Level.Trial)
  public void write() throws IOException, InterruptedException {
    StoreResources.Bounds bounds = StoreResources.Bounds.DEFAULTS;
    resources = StoreResources.create(cached ? bounds : bounds.withPageCacheBytes(0));
    temp =
        new TempStore(
            LayerStoreOptions.DEFAULTS.withRedo(new BytePatchRedo(PAGE_BYTES)), resources);
    temp.putImage(BLOCK, new byte[PAGE_BYTES]);
    for (int number = 0; number < patches; number++) {
      byte[] bytes = new byte[PATCH_BYTES];
      Patch patch = new Patch(number * PATCH_BYTES % PAGE_BYTES, bytes);
      Value value = Value.walRecord(BytePatchRedo.record(patch), /* willInit= */ false);
      temp.writer()
          .put(temp.nextOffset(), TempStore.TIMELINE, TempStore.key(BLOCK), temp.nextLsn(), value);
    }
    if (layer == PointReadBenchmark.Layer.DELTA) {
      temp.flush();
    }
    lastLsn = temp.lastLsn();
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    temp.close();
    resources.close();
  }

  @Benchmark
  public PageRead newest() throws IOException {
    LayerStore store = temp.store();
    PageRead read = store.page(TempStore.TIMELINE, TempStore.key(BLOCK), lastLsn, ReadLimit.NONE);
    if (!(read.result() instanceof RedoResult.Page)) {
      throw new IllegalStateException("no page: " + read);
    }
    return read;
  }
}
