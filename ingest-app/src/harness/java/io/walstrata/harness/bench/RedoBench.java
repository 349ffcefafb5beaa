package io.walstrata.harness.bench;

import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.redo.PostgresRedo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.commons.io.FileUtils;

/**
 * Measures how long redo of a page takes, from its base and its records in memory, for chains of
 * several lengths, with one thread and with one for each processor.
 */
final class RedoBench {
  private static final int[] LENGTHS = {1, 2, 10, 100, 227, 1000};
  private static final int MAX_SAMPLES = 1 << 20;

  /**
   * @param seconds of each run
   */
  record Options(int runs, int warmups, int seconds, Path directory) {}

  /** One run: calls per second of all threads, and how long single calls took. */
  private record Sample(double callsPerSecond, double p50Nanos, double p99Nanos) {}

  private final Options options;
  private final Consumer<String> progress;
  private final PostgresRedo redo = new PostgresRedo();

  RedoBench(Options options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  Report run() throws IOException, SQLException, InterruptedException, ExecutionException {
    Map<String, String> facts = Facts.collect(options.directory());
    Path directory = Files.createTempDirectory(options.directory(), "walstrata-redo");
    ResultTable results =
        new ResultTable(
            "results",
            "chain",
            "records",
            "record_bytes",
            "threads",
            "p50_us",
            "p50_us_min",
            "p50_us_max",
            "p99_us",
            "pages_per_s",
            "mrecords_per_s");
    try {
      progress.accept("a PostgreSQL writes the log");
      for (RedoChains.Chain chain : RedoChains.make(directory)) {
        for (int length : LENGTHS) {
          if (length <= chain.records().size()) {
            measure(chain, length, 1, results);
            int processors = Runtime.getRuntime().availableProcessors();
            if (processors > 1) {
              measure(chain, length, processors, results);
            }
          }
        }
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
    return new Report(facts, List.of(results), List.of());
  }

  private void measure(RedoChains.Chain chain, int length, int threads, ResultTable results)
      throws InterruptedException, ExecutionException {
    progress.accept(chain.name() + ", records " + length + ", threads " + threads);
    List<Sample> samples = new ArrayList<>();
    for (int run = 0; run < options.warmups() + options.runs(); run++) {
      Sample sample = run(chain.request(length), threads);
      if (run >= options.warmups()) {
        samples.add(sample);
      }
    }
    Spread p50 = Spread.of(samples, sample -> sample.p50Nanos() / 1000);
    Spread p99 = Spread.of(samples, sample -> sample.p99Nanos() / 1000);
    double calls = Spread.of(samples, Sample::callsPerSecond).median();
    results.row(
        chain.name(),
        length,
        chain.bytes(length),
        threads,
        ResultTable.decimal(p50.median(), 2),
        ResultTable.decimal(p50.min(), 2),
        ResultTable.decimal(p50.max(), 2),
        ResultTable.decimal(p99.median(), 2),
        Math.round(calls),
        ResultTable.decimal(calls * length / 1e6, 2));
  }

  private Sample run(RedoRequest request, int threads)
      throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<long[]>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        futures.add(pool.submit(() -> calls(request)));
      }
      double perSecond = 0;
      List<long[]> all = new ArrayList<>();
      for (Future<long[]> future : futures) {
        long[] nanos = future.get();
        all.add(nanos);
        perSecond += nanos.length * 1e9 / Math.max(1, Arrays.stream(nanos).sum());
      }
      long[] sorted = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      return new Sample(perSecond, sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]);
    } finally {
      pool.shutdown();
    }
  }

  /** Returns how many nanoseconds each call took. */
  private long[] calls(RedoRequest request) throws IOException {
    long[] nanos = new long[MAX_SAMPLES];
    long end = System.nanoTime() + options.seconds() * 1_000_000_000L;
    int count = 0;
    long now = System.nanoTime();
    while (now < end && count < nanos.length) {
      RedoResult made = redo.redo(request);
      if (!(made instanceof RedoResult.Page)) {
        throw new IllegalStateException("no page: result=" + made);
      }
      long after = System.nanoTime();
      nanos[count++] = after - now;
      now = after;
    }
    return Arrays.copyOf(nanos, count);
  }
}
