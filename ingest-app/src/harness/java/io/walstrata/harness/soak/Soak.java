package io.walstrata.harness.soak;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/**
 * Kills a job again and again, and compares its answers with what was sent. A broker, a registry
 * and the job are child processes on loopback.
 */
public final class Soak {
  /**
   * What to do.
   *
   * @param time end after this time; null for none
   * @param kills end after so many kills; 0 for no such end. The first of both ends it
   * @param seed decides load, settings, and what is done when, but not how fast the machine is
   * @param guarantees one for each segment, in turn
   * @param directory exists and is empty; left there if something is wrong, else emptied
   * @param partitions of the topic; there are twice as many timelines
   * @param instances of the job
   * @param segmentKills how many kills a segment has
   */
  public record Options(
      @Nullable Duration time,
      long kills,
      long seed,
      List<Guarantee> guarantees,
      Path directory,
      int partitions,
      int instances,
      long segmentKills) {}

  /** Called with a soak's progress, by its thread. */
  public interface Listener {
    /** A segment begins. */
    void segment(Guarantee guarantee, long seed, Path folder);

    /** A round is over. */
    void round(SoakCounts counts);
  }

  private final Options options;
  private final Listener listener;
  private final SoakCounts counts = new SoakCounts();
  private final long started = System.nanoTime();

  public Soak(Options options, Listener listener) {
    this.options = options;
    this.listener = listener;
  }

  /** Returns what was done and found so far. */
  public SoakCounts counts() {
    return counts;
  }

  /**
   * Runs until it is over, or until something does not match.
   *
   * @throws IOException if the job does not come back after a kill, or ends by itself, or what is
   *     around it fails
   */
  public SoakCounts run() throws IOException, InterruptedException {
    Distribution distribution = Distribution.locate();
    Path directory = options.directory();
    try (BrokerServer broker = new BrokerServer(distribution, directory.resolve("broker"));
        RegistryServer registry = new RegistryServer(distribution, directory.resolve("registry"))) {
      broker.start();
      registry.start();
      for (int number = 0; number == 0 || !isOver(); number++) {
        // The first segment has the seed itself, so that any segment can be the first of a replay.
        runSegment(broker, registry, number, options.seed() + number);
        if (counts.mismatches() > 0) {
          return counts;
        }
      }
    }
    for (String name : List.of("broker", "registry")) {
      FileUtils.deleteDirectory(directory.resolve(name).toFile());
    }
    return counts;
  }

  private void runSegment(BrokerServer broker, RegistryServer registry, int number, long seed)
      throws IOException, InterruptedException {
    Guarantee guarantee = options.guarantees().get(number % options.guarantees().size());
    Path folder = Files.createDirectories(options.directory().resolve("segment-" + number));
    listener.segment(guarantee, seed, folder);
    long killsBefore = counts.kills();
    new Segment(
            broker,
            registry,
            options,
            guarantee,
            seed,
            folder,
            counts,
            () -> isOver() || counts.kills() - killsBefore >= options.segmentKills(),
            () -> listener.round(counts))
        .run();
    if (counts.mismatches() == 0) {
      FileUtils.deleteDirectory(folder.toFile());
    }
  }

  private boolean isOver() {
    Duration time = options.time();
    return (options.kills() > 0 && counts.kills() >= options.kills())
        || (time != null && System.nanoTime() - started > time.toNanos());
  }
}
