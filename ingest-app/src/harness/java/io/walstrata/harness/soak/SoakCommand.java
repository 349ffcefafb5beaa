package io.walstrata.harness.soak;

import io.walstrata.harness.servers.ServerException;
import io.walstrata.harness.servers.Terminal;
import io.walstrata.ingest.cli.CommandFailedException;
import io.walstrata.ingest.cli.ExitStatus;
import io.walstrata.ingest.cli.HarnessCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Kills a job again and again. */
@Command(
    name = "soak",
    description = {
      "Kill a job with SIGKILL again and again, on a real broker, while a producer keeps a ledger"
          + " of what it sends; compare all that the job answers and its layers hold with the"
          + " ledger.",
      "The last line has the seed, rounds, kills, versions compared and mismatches."
    },
    footer = {
      "",
      "Exit status: 0 nothing differs, 1 mismatches, 2 wrong usage, 5 the job did not come",
      "back, or the test itself failed. Unless the status is 0, the directory is kept."
    })
public final class SoakCommand implements HarnessCommand, Callable<Integer> {
  private static final Pattern TIME = Pattern.compile("([0-9]{1,6})([smhd])");
  private static final int ROUNDS_PER_LINE = 5;

  /** Which guarantees. */
  enum Guarantees {
    AT_LEAST_ONCE,
    EXACTLY_ONCE_V2,
    BOTH;

    private List<Guarantee> inTurn() {
      return switch (this) {
        case AT_LEAST_ONCE -> List.of(Guarantee.AT_LEAST_ONCE);
        case EXACTLY_ONCE_V2 -> List.of(Guarantee.EXACTLY_ONCE_V2);
        case BOTH -> List.of(Guarantee.values());
      };
    }
  }

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description =
          "End after this time: 90s, 35m, 12h, 7d. Default: 10m, unless --kills is given.")
  private @Nullable String time;

  @Option(
      names = "--kills",
      paramLabel = "N",
      description = "End after this many kills, or after the time of --for if that is earlier.")
  private long kills;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides load, settings and kills. Default: another one each time.")
  private @Nullable Long seed;

  @Option(
      names = "--guarantee",
      paramLabel = "at_least_once|exactly_once_v2|both",
      defaultValue = "both",
      description = "Processing guarantee of the job; both in turn by default.")
  private Guarantees guarantees;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Directory for everything, absent or empty. Default: a new temporary one.")
  private @Nullable Path directory;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "3",
      description = "Partitions of the topic; there are twice as many timelines. Default: 3.")
  private int partitions;

  @Option(
      names = "--instances",
      paramLabel = "N",
      defaultValue = "1",
      description = "Instances of the job; with more than one, partitions move. Default: 1.")
  private int instances;

  @Option(
      names = "--segment-kills",
      paramLabel = "N",
      defaultValue = "40",
      description =
          "Begin again, with an empty topic, an empty job and the other guarantee, after so many"
              + " kills. Default: 40.")
  private long segmentKills;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    check("--partitions", partitions, 64);
    check("--instances", instances, 8);
    Soak.Options options =
        new Soak.Options(
            time == null && kills > 0 ? null : parse(time == null ? "10m" : time),
            kills,
            seed == null ? System.nanoTime() : seed,
            guarantees.inTurn(),
            emptyDirectory(),
            partitions,
            instances,
            segmentKills);
    PrintWriter out = spec.commandLine().getOut();
    try (Progress progress = new Progress(options, out)) {
      Soak soak = new Soak(options, progress);
      try {
        soak.run();
      } catch (IOException | ServerException e) {
        progress.end();
        report(options, soak.counts(), progress, out);
        throw new CommandFailedException(
            ExitStatus.FAILED, e.getMessage() + "; " + replay(options, progress), e);
      }
      progress.end();
      report(options, soak.counts(), progress, out);
      return soak.counts().mismatches() == 0 ? ExitStatus.OK : ExitStatus.NO;
    }
  }

  private static void report(
      Soak.Options options, SoakCounts counts, Progress progress, PrintWriter out) {
    counts.examples().forEach(each -> out.println("MISMATCH " + each));
    if (counts.mismatches() > 0) {
      out.println(replay(options, progress));
    }
    out.println("seed=" + options.seed() + " " + text(counts));
    out.flush();
  }

  /** How to run once more what failed. Times differ from run to run, so it may take a few. */
  private static String replay(Soak.Options options, Progress progress) {
    return "everything is left in "
        + options.directory()
        + "; the same load and kills again: walstrata-soak --seed "
        + progress.segmentSeed
        + " --guarantee "
        + progress.segmentGuarantee
        + " --partitions "
        + options.partitions()
        + " --instances "
        + options.instances()
        + " --kills "
        + options.segmentKills();
  }

  private static String text(SoakCounts counts) {
    return "rounds="
        + counts.rounds()
        + " kills="
        + counts.kills()
        + " stops="
        + counts.stops()
        + " brokerKills="
        + counts.brokerKills()
        + " stateWipes="
        + counts.wipes()
        + " layerFilesVerified="
        + counts.layers()
        + " deadLetters="
        + counts.deadLetters()
        + " versionsCompared="
        + counts.versions()
        + " mismatches="
        + counts.mismatches();
  }

  private Path emptyDirectory() throws IOException {
    if (directory == null) {
      return Files.createTempDirectory("walstrata-soak-");
    }
    Path made = Files.createDirectories(directory.toAbsolutePath().normalize());
    try (Stream<Path> files = Files.list(made)) {
      if (files.findAny().isPresent()) {
        throw wrong("the directory must be empty or absent: --dir=" + made);
      }
    }
    return made;
  }

  private Duration parse(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw wrong("not a time like 90s, 35m, 12h or 7d: --for=" + text);
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  private void check(String name, int value, int max) {
    if (value < 1 || value > max) {
      throw wrong(name + " must be 1 to " + max + ": " + name + "=" + value);
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }

  /** A bar on a terminal, a line every few rounds elsewhere. */
  private static final class Progress implements Soak.Listener, AutoCloseable {
    private final Soak.Options options;
    private final PrintWriter out;
    private final @Nullable ProgressBar bar;
    private final long started = System.nanoTime();
    private long segmentSeed;
    private String segmentGuarantee = "";

    Progress(Soak.Options options, PrintWriter out) {
      this.options = options;
      this.out = out;
      out.println("seed=" + options.seed() + " directory=" + options.directory());
      out.flush();
      this.bar = Terminal.isThere() ? bar(options) : null;
    }

    private static ProgressBar bar(Soak.Options options) {
      Duration time = options.time();
      return new ProgressBarBuilder()
          .setTaskName(time == null ? "kills" : "seconds")
          .setInitialMax(time == null ? options.kills() : time.toSeconds())
          .setStyle(ProgressBarStyle.ASCII)
          .build();
    }

    @Override
    public void segment(Guarantee guarantee, long seed, Path folder) {
      segmentSeed = seed;
      segmentGuarantee = guarantee.setting();
      line("segment seed=" + seed + " guarantee=" + segmentGuarantee + " folder=" + folder);
    }

    @Override
    public void round(SoakCounts counts) {
      if (bar != null) {
        bar.stepTo(options.time() == null ? counts.kills() : seconds());
        bar.setExtraMessage(counts.kills() + " kills, " + counts.mismatches() + " mismatches");
      } else if (counts.rounds() % ROUNDS_PER_LINE == 0) {
        line(text(counts));
      }
    }

    private void line(String text) {
      if (bar == null) {
        out.println(seconds() + " s " + text);
        out.flush();
      }
    }

    private long seconds() {
      return Duration.ofNanos(System.nanoTime() - started).toSeconds();
    }

    /** Takes the bar away, so that lines can follow; again does nothing. */
    void end() {
      if (bar != null) {
        bar.close();
      }
    }

    @Override
    public void close() {
      end();
    }
  }
}
