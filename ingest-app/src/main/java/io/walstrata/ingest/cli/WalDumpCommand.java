package io.walstrata.ingest.cli;

import io.walstrata.ingest.cli.WalDump.Follow;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.RecordLimits;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code walstrata wal dump}: one line for each record of PostgreSQL WAL segments. */
@Command(
    name = "dump",
    description = "Print one line for each record of WAL segments, as pg_waldump does.",
    footer = {
      "",
      "Reads the WAL of PostgreSQL 15 to 18, with the names and descriptions of the",
      "pg_waldump of the version that wrote it. Times are in the local zone (TZ=UTC).",
      "A record's change has the LSN where the record ends: that is the one for \"get\".",
      "A torn or damaged record ends the dump with where and why, and status 1. Where",
      "the server stopped writing is no error: standard error has where, status 0."
    })
final class WalDumpCommand implements Callable<Integer> {
  /**
   * A longer record is printed without description. Logical messages of any length are printed
   * whole: their payload is read a second time.
   */
  private static final int MAX_DESCRIBED_BYTES = 16 << 20;

  /** What statistics count. */
  enum StatsBy {
    /** Resource managers. */
    RMGR,
    /** Record types. */
    RECORD
  }

  @Mixin private WalDumpFiles files;

  @Mixin private WalDumpFilter filter;

  @Option(
      names = {"-s", "--start"},
      paramLabel = "LSN",
      converter = LsnConverter.class,
      description = "Begin with the first record at or after this position.")
  private @Nullable Lsn start;

  @Option(
      names = {"-e", "--end"},
      paramLabel = "LSN",
      converter = LsnConverter.class,
      description = "Stop after the last record that ends at or before this position.")
  private @Nullable Lsn end;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "COUNT",
      description = "Stop after this many records.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = {"-z", "--stats"},
      paramLabel = "rmgr|record",
      arity = "0..1",
      parameterConsumer = StatsConsumer.class,
      description = "Print counts and lengths by resource manager or record type, not the records.")
  private @Nullable StatsBy statsBy;

  @Option(
      names = {"-b", "--bkp-details"},
      description = "Print a line for each block of a record.")
  private boolean blockDetails;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but errors, to check whether the log is whole.")
  private boolean quiet;

  @Option(
      names = {"-f", "--follow"},
      description = "At the end of the log, look every second whether there is more.")
  private boolean follow;

  @Option(
      names = "--exact",
      description = "Print what pg_waldump prints, without the end of each record.")
  private boolean exact;

  @Spec private CommandSpec spec;

  /** Takes the next word only if it is a value: otherwise it is a segment. */
  static final class StatsConsumer implements CommandLine.IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> args, ArgSpec argument, CommandSpec command) {
      StatsBy by = StatsBy.RMGR;
      for (StatsBy value : StatsBy.values()) {
        if (!args.isEmpty() && value.name().equalsIgnoreCase(args.peek())) {
          args.pop();
          by = value;
        }
      }
      argument.setValue(by);
    }
  }

  /** Reads an LSN. */
  static final class LsnConverter implements CommandLine.ITypeConverter<Lsn> {
    @Override
    public Lsn convert(String text) {
      return Lsn.parse(text);
    }
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (filter.listsRmgrs()) {
      Rmgr.labels().forEach(out::println);
      return ExitStatus.OK;
    }
    filter.check();
    if (limit < 1) {
      throw new CommandFailedException(ExitStatus.USAGE, "limit must be positive: limit=" + limit);
    }
    WalDumpSink sink = sink(out);
    try {
      return new WalDump(options(), this::open, sink, this::skipped, this::note, this::error).run();
    } finally {
      out.flush();
    }
  }

  private WalDumpSink sink(PrintWriter out) {
    if (quiet) {
      return WalDumpSink.NONE;
    }
    return statsBy == null
        ? new WalDumpLines(
            out,
            new WalText(ZoneId.systemDefault()),
            new WalDumpLines.Format(/* withEnd= */ !exact, blockDetails))
        : new WalDumpStats(out, statsBy);
  }

  private WalDump.Options options() {
    return new WalDump.Options(
        start == null ? Lsn.INVALID : start,
        end == null ? Lsn.MAX : end,
        limit,
        filter::matches,
        follow ? (files.isOpenEnded() ? Follow.FILES : Follow.LAST_FILE) : Follow.NO);
  }

  private WalSegmentReader open(Lsn from, boolean again) throws IOException {
    try {
      Consumer<String> leftOut = again ? unused -> {} : this::note;
      return WalSegmentReader.open(
          files.find(start, leftOut), from, RecordLimits.ofText(MAX_DESCRIBED_BYTES));
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    } catch (WalException e) {
      throw new CommandFailedException(ExitStatus.NO, String.valueOf(e.getMessage()), e);
    }
  }

  /** On standard output, where pg_waldump has it, only if all is to be as there. */
  private void skipped(WalDump.Skipped skipped) {
    if (!exact) {
      note("first record after the start: start=" + skipped.start() + ", lsn=" + skipped.first());
    } else if (!skipped.isSegmentStart()) {
      spec.commandLine().getOut().println(skipped.line());
    }
  }

  private void note(String message) {
    if (!quiet) {
      error(message);
    }
  }

  private void error(String message) {
    spec.commandLine().getOut().flush();
    spec.commandLine().getErr().println("walstrata: " + message);
    spec.commandLine().getErr().flush();
  }
}
