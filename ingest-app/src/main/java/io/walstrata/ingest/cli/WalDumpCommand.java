package io.walstrata.ingest.cli;

import io.walstrata.ingest.pgwal.PgRmgr;
import io.walstrata.ingest.pgwal.PgWalEnd;
import io.walstrata.ingest.pgwal.PgWalException;
import io.walstrata.ingest.pgwal.PgWalRecord;
import io.walstrata.ingest.pgwal.PgWalSegments;
import io.walstrata.ingest.pgwal.PgWalText;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Stack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code walstrata wal dump}: one line for each record of PostgreSQL WAL segments. */
@Command(
    name = "dump",
    description = "Print one line for each record of WAL segments, as pg_waldump does.",
    footer = {
      "",
      "Reads the WAL of PostgreSQL 15 to 18, with the names and descriptions of the",
      "pg_waldump of the version that wrote it. Times are in the local zone (TZ=UTC).",
      "A torn or damaged record ends the dump with where and why, and status 1. Where",
      "the server stopped writing is no error: standard error tells it, status 0."
    })
final class WalDumpCommand implements Callable<Integer> {
  /** What statistics count. */
  enum StatsBy {
    /** Resource managers. */
    RMGR,
    /** Record types. */
    RECORD
  }

  @Parameters(
      paramLabel = "SEGMENT",
      arity = "1..*",
      description = "Segment files, without a gap between them.")
  private List<Path> files;

  @Option(
      names = {"-s", "--start"},
      paramLabel = "LSN",
      converter = LsnConverter.class,
      description = "Begin with the first record at or behind this position.")
  private @Nullable Lsn start;

  @Option(
      names = {"-e", "--end"},
      paramLabel = "LSN",
      converter = LsnConverter.class,
      description = "Stop behind the last record that ends at or before this position.")
  private @Nullable Lsn end;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "COUNT",
      description = "Stop after so many records.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = {"-r", "--rmgr"},
      paramLabel = "NAME",
      description = "Only records of this resource manager, such as Heap; may be repeated.")
  private List<String> rmgrs = List.of();

  @Option(
      names = {"-z", "--stats"},
      paramLabel = "rmgr|record",
      arity = "0..1",
      parameterConsumer = StatsConsumer.class,
      description = "Print counts and lengths by resource manager or record type instead.")
  private @Nullable StatsBy statsBy;

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
    checkOptions();
    PrintWriter out = spec.commandLine().getOut();
    WalDumpSink sink =
        statsBy == null
            ? new WalDumpLines(out, new PgWalText(ZoneId.systemDefault()))
            : new WalDumpStats(out, statsBy);
    try (PgWalSegments segments = open()) {
      return dump(segments, sink);
    } finally {
      out.flush();
    }
  }

  private void checkOptions() {
    for (String rmgr : rmgrs) {
      if (!PgRmgr.isLabel(rmgr)) {
        throw usage("no such resource manager: name=" + rmgr + ", known=" + PgRmgr.labels());
      }
    }
    if (limit < 1) {
      throw usage("limit must be positive: limit=" + limit);
    }
  }

  private CommandFailedException usage(String message) {
    return new CommandFailedException(ExitStatus.USAGE, message);
  }

  private PgWalSegments open() throws IOException {
    try {
      return PgWalSegments.open(files, start == null ? Lsn.INVALID : start);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    } catch (PgWalException e) {
      throw new CommandFailedException(ExitStatus.NO, String.valueOf(e.getMessage()), e);
    }
  }

  private int dump(PgWalSegments segments, WalDumpSink sink) throws IOException {
    long count = 0;
    boolean first = true;
    try {
      while (count < limit) {
        PgWalRecord record = segments.next();
        if (record == null) {
          sink.finish();
          return ended(segments);
        }
        if (end != null && end.isBefore(record.endLsn())) {
          break;
        }
        if (first && start != null && !start.equals(record.lsn())) {
          note("first record behind the start: start=" + start + ", lsn=" + record.lsn());
        }
        first = false;
        if (isWanted(record)) {
          count++;
          if (!sink.add(record)) {
            return ExitStatus.OK;
          }
        }
      }
    } catch (PgWalException e) {
      sink.finish();
      spec.commandLine().getOut().flush();
      note(e.getMessage() + ", file=" + segments.file());
      return ExitStatus.NO;
    }
    sink.finish();
    return ExitStatus.OK;
  }

  private boolean isWanted(PgWalRecord record) {
    if (rmgrs.isEmpty()) {
      return true;
    }
    String label = PgRmgr.label(record.rmgrId());
    return rmgrs.stream().anyMatch(label::equalsIgnoreCase);
  }

  /** Says why there is no further record, and whether that is as it should be. */
  private int ended(PgWalSegments segments) {
    PgWalEnd why = segments.end();
    spec.commandLine().getOut().flush();
    switch (why.kind()) {
      case NEED_MORE -> {
        return ExitStatus.OK;
      }
      case NEED_MORE_OF_RECORD -> {
        note("last record goes on behind the last segment: lsn=" + why.lsn());
        return ExitStatus.OK;
      }
      case END_OF_LOG -> {
        note("end of the log: lsn=" + why.lsn() + ", " + why.reason());
        return ExitStatus.OK;
      }
      default -> {
        note("torn WAL: lsn=" + why.lsn() + ", " + why.reason() + ", file=" + segments.file());
        return ExitStatus.NO;
      }
    }
  }

  private void note(String message) {
    spec.commandLine().getErr().println("walstrata: " + message);
    spec.commandLine().getErr().flush();
  }
}
