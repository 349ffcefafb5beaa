package io.walstrata.ingest.cli;

import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Chooses the records of a dump: the options of pg_waldump for that. */
final class WalDumpFilter {
  static final String LIST = "list";

  private static final Pattern RELATION = Pattern.compile("(\\d{1,10})/(\\d{1,10})/(\\d{1,10})");
  private static final long MAX_U32 = 0xFFFFFFFFL;

  @Option(
      names = {"-r", "--rmgr"},
      paramLabel = "NAME",
      description =
          "Only records of this resource manager, such as Heap; may be repeated. \"list\" prints"
              + " the names.")
  private List<String> rmgrs = List.of();

  @Option(
      names = {"-R", "--relation"},
      paramLabel = "T/D/R",
      description =
          "Only records that modify blocks of this relation: OIDs of tablespace and database, file"
              + " number.")
  private @Nullable String relation;

  @Option(
      names = {"-B", "--block"},
      paramLabel = "N",
      description = "With --relation: only records that modify this block.")
  private @Nullable Long block;

  @Option(
      names = {"-F", "--fork"},
      paramLabel = "FORK",
      description = "Only records that modify blocks of this fork: main, fsm, vm or init.")
  private @Nullable String fork;

  @Option(
      names = {"-x", "--xid"},
      paramLabel = "XID",
      description = "Only records of this transaction.")
  private @Nullable Long xid;

  @Option(
      names = {"-w", "--fullpage"},
      description = "Only records with a page image.")
  private boolean fullPage;

  private long[] relationNumbers = {};
  private int forkNumber = -1;

  boolean listsRmgrs() {
    return rmgrs.contains(LIST);
  }

  /**
   * Checks the options and prepares for {@link #matches}.
   *
   * @throws CommandFailedException if one is wrong
   */
  void check() {
    for (String rmgr : rmgrs) {
      if (!Rmgr.isLabel(rmgr)) {
        throw usage("no such resource manager: name=" + rmgr + ", known=" + Rmgr.labels());
      }
    }
    String wantedRelation = relation;
    if (wantedRelation != null) {
      relationNumbers = relation(wantedRelation);
    } else if (block != null) {
      throw usage("--block needs --relation: block=" + block);
    }
    requireU32("block", block);
    requireU32("xid", xid);
    String wantedFork = fork;
    if (wantedFork != null) {
      forkNumber = Forks.number(wantedFork);
      if (forkNumber < 0) {
        throw usage("no such fork, expected main, fsm, vm or init: fork=" + wantedFork);
      }
    }
  }

  private static long[] relation(String text) {
    Matcher matcher = RELATION.matcher(text);
    if (matcher.matches()) {
      long[] numbers = new long[3];
      boolean valid = true;
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = Long.parseLong(matcher.group(i + 1));
        valid &= numbers[i] <= MAX_U32;
      }
      if (valid && numbers[0] != 0 && numbers[2] != 0) {
        return numbers;
      }
    }
    throw usage(
        "not a relation, expected tablespace OID/database OID/file number, such as 1663/5/16384:"
            + (" relation=" + text));
  }

  private static void requireU32(String name, @Nullable Long value) {
    if (value != null && (value < 0 || value > MAX_U32)) {
      throw usage("not an unsigned number of 32 bits: " + name + "=" + value);
    }
  }

  private static CommandFailedException usage(String message) {
    return new CommandFailedException(ExitStatus.USAGE, message);
  }

  boolean matches(WalRecord record) {
    return (xid == null || xid == record.xid())
        && (rmgrs.isEmpty() || hasRmgr(record))
        && (!fullPage || record.blocks().stream().anyMatch(BlockReference::hasImage))
        && ((relation == null && fork == null) || record.blocks().stream().anyMatch(this::matches));
  }

  private boolean hasRmgr(WalRecord record) {
    String label = Rmgr.label(record.rmgrId());
    return rmgrs.stream().anyMatch(label::equalsIgnoreCase);
  }

  private boolean matches(BlockReference reference) {
    return (fork == null || forkNumber == reference.fork())
        && (block == null || block == reference.block())
        && (relation == null
            || (relationNumbers[0] == reference.spc()
                && relationNumbers[1] == reference.db()
                && relationNumbers[2] == reference.rel()));
  }
}
