package io.walstrata.ingest.pgwal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Descriptions of Transaction records. */
final class PgDescribeTransaction {
  private PgDescribeTransaction() {}

  static @Nullable String type(PgWalRecord record) {
    return switch (PgTransactionEnd.type(record)) {
      case PgTransactionEnd.COMMIT -> "COMMIT";
      case PgTransactionEnd.PREPARE -> "PREPARE";
      case PgTransactionEnd.ABORT -> "ABORT";
      case PgTransactionEnd.COMMIT_PREPARED -> "COMMIT_PREPARED";
      case PgTransactionEnd.ABORT_PREPARED -> "ABORT_PREPARED";
      case PgTransactionEnd.ASSIGNMENT -> "ASSIGNMENT";
      case PgTransactionEnd.INVALIDATIONS -> "INVALIDATION";
      default -> null;
    };
  }

  static void describe(PgWalRecord record, PgText out) {
    PgWalBytes data = record.mainData();
    switch (PgTransactionEnd.type(record)) {
      case PgTransactionEnd.COMMIT, PgTransactionEnd.COMMIT_PREPARED -> commit(record, out);
      case PgTransactionEnd.ABORT, PgTransactionEnd.ABORT_PREPARED -> abort(record, out);
      case PgTransactionEnd.PREPARE -> prepare(record, out);
      case PgTransactionEnd.ASSIGNMENT -> {
        out.add("xtop ", data.u32(0), ": subxacts:");
        int count = data.count(4, 4);
        for (int i = 0; i < count; i++) {
          out.add(" ", data.u32(8 + 4 * i));
        }
      }
      case PgTransactionEnd.INVALIDATIONS -> PgDescribeStandby.invalidations(data, 0, out);
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  private static void commit(PgWalRecord record, PgText out) {
    PgTransactionEnd end = PgTransactionEnd.parse(record);
    begin(end, out);
    relations("; rels:", end.droppedRelations(), record, out);
    subxids(end.subxids(), out);
    stats("", end.droppedStats(), out);
    boolean initFile = (end.xinfo() & PgTransactionEnd.RELCACHE_INIT_FILE_INVAL) != 0;
    PgDescribeStandby.invalidations(end.invalidations(), initFile, end.db(), end.spc(), out);
    out.addIf((end.xinfo() & PgTransactionEnd.APPLY_FEEDBACK) != 0, "; apply_feedback");
    out.addIf((end.xinfo() & PgTransactionEnd.FORCE_SYNC_COMMIT) != 0, "; sync");
    if (end.hasOrigin()) {
      origin(record, end.originLsn().value(), end.originTime(), out);
    }
  }

  private static void abort(PgWalRecord record, PgText out) {
    PgTransactionEnd end = PgTransactionEnd.parse(record);
    begin(end, out);
    relations("; rels:", end.droppedRelations(), record, out);
    subxids(end.subxids(), out);
    if (end.hasOrigin()) {
      origin(record, end.originLsn().value(), end.originTime(), out);
    }
    stats("", end.droppedStats(), out);
  }

  private static void begin(PgTransactionEnd end, PgText out) {
    if (end.hasXid()) {
      out.add(end.xid(), ": ");
    }
    out.time(end.time());
  }

  private static void prepare(PgWalRecord record, PgText out) {
    PgPreparedTransaction prepared = PgPreparedTransaction.parse(record);
    out.add("gid ", prepared.gid(), ": ").time(prepared.time());
    relations("; rels(commit):", prepared.commitRelations(), record, out);
    relations("; rels(abort):", prepared.abortRelations(), record, out);
    stats("commit ", prepared.commitStats(), out);
    stats("abort ", prepared.abortStats(), out);
    subxids(prepared.subxids(), out);
    PgDescribeStandby.invalidations(
        prepared.invalidations(), prepared.initFileInvalidated(), prepared.db(), 0, out);
    if (record.origin() != 0) {
      origin(record, prepared.originLsn().value(), prepared.originTime(), out);
    }
  }

  private static void relations(
      String name, List<PgTransactionEnd.Relation> relations, PgWalRecord record, PgText out) {
    if (relations.isEmpty()) {
      return;
    }
    out.add(name);
    for (PgTransactionEnd.Relation relation : relations) {
      out.add(" ").path(record.version(), relation.spc(), relation.db(), relation.rel());
    }
  }

  private static void subxids(List<Long> subxids, PgText out) {
    if (!subxids.isEmpty()) {
      out.add("; subxacts:");
      subxids.forEach(subxid -> out.add(" ", subxid));
    }
  }

  private static void stats(String label, List<PgTransactionEnd.DroppedStats> stats, PgText out) {
    if (!stats.isEmpty()) {
      out.add("; ", label, "dropped stats:");
      for (PgTransactionEnd.DroppedStats entry : stats) {
        out.add(" ", entry.kind(), "/", entry.db(), "/", Long.toUnsignedString(entry.object()));
      }
    }
  }

  private static void origin(PgWalRecord record, long lsn, long time, PgText out) {
    out.add("; origin: node ", record.origin(), ", lsn ", PgText.lsn(lsn), ", at ").time(time);
  }
}
