package io.walstrata.harness.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.io.FileUtils;

/**
 * Compares the engine with the two stores of Kafka Streams that could do its work, on the same
 * data: puts until everything is on disk, bytes written and kept, reads as of old and new LSNs.
 */
public final class PeerBench {
  /**
   * How to run it.
   *
   * @param volumeMib how much each store is given, in MiB of values; 1 to 1024
   * @param warmups rounds before those that count; at least 0
   * @param runs rounds that count; at least 1
   * @param limitSeconds when puts that take longer are ended; at least 1
   * @param readMillis how long each kind of read is done in each round; at least 1
   * @param only workloads whose label contains this; see {@link Cell#label}
   * @param directory exists; the data goes to a new directory in it, which is deleted afterwards
   */
  public record Options(
      int volumeMib,
      int warmups,
      int runs,
      int limitSeconds,
      int readMillis,
      String only,
      Path directory) {}

  /**
   * One workload.
   *
   * @param valueBytes size of each value
   */
  record Cell(PeerWorkload.Kind kind, int valueBytes) {
    /** Returns how it is called: {@code hot | 100}. */
    String label() {
      return kind.name().toLowerCase(Locale.ROOT) + " | " + valueBytes;
    }
  }

  private static final int[] VALUE_BYTES = {100, 8192};

  private final Options options;
  private final Consumer<String> progress;
  private final List<Cell> cells = new ArrayList<>();

  /**
   * @param progress takes a line for each step
   * @throws IllegalArgumentException if no workload's label contains what the options ask for
   */
  public PeerBench(Options options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    List<String> labels = new ArrayList<>();
    for (PeerWorkload.Kind kind : PeerWorkload.Kind.values()) {
      for (int valueBytes : VALUE_BYTES) {
        Cell cell = new Cell(kind, valueBytes);
        labels.add(cell.label());
        if (cell.label().contains(options.only())) {
          cells.add(cell);
        }
      }
    }
    if (cells.isEmpty()) {
      throw new IllegalArgumentException(
          "no workload is called so: only=" + options.only() + ", workloads=" + labels);
    }
  }

  /**
   * Runs all rounds.
   *
   * @throws IOException if files cannot be written, or a store gives a wrong answer
   */
  public Report run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(options.directory(), "walstrata-bench-");
    Map<String, String> facts = Facts.collect(directory);
    facts.put("volume_mib", String.valueOf(options.volumeMib()));
    facts.put("warmups", String.valueOf(options.warmups()));
    facts.put("runs", String.valueOf(options.runs()));
    facts.put("limit_s", String.valueOf(options.limitSeconds()));
    facts.put("read_ms", String.valueOf(options.readMillis()));
    PeerResults results = new PeerResults(options.volumeMib());
    try {
      int rounds = options.warmups() + options.runs();
      for (int round = 0; round < rounds; round++) {
        for (Cell cell : cells) {
          List<PeerKind> order = rotated(round);
          progress.accept("round " + (round + 1) + " of " + rounds + ": " + cell.label());
          for (PeerKind kind : order) {
            PeerSample sample = run(kind, cell, directory.resolve("store"));
            if (round >= options.warmups()) {
              results.add(cell, kind, sample);
            }
          }
        }
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
    return new Report(facts, List.of(results.writes(), results.reads()), results.samples());
  }

  private PeerSample run(PeerKind kind, Cell cell, Path directory)
      throws IOException, InterruptedException {
    PeerWorkload workload = new PeerWorkload(cell.kind(), cell.valueBytes(), options.volumeMib());
    return new PeerRun(kind, workload, directory, options.limitSeconds(), options.readMillis())
        .run();
  }

  /** Each round begins with another store. */
  static List<PeerKind> rotated(int round) {
    List<PeerKind> order = new ArrayList<>(List.of(PeerKind.values()));
    Collections.rotate(order, -round);
    return order;
  }
}
