package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Descriptions of Transaction records. */
final class DescribeTransaction {
  private DescribeTransaction() {}

  static @Nullable String type(WalRecord record) {
    return switch (TransactionEnd.type(record)) {
      case TransactionEnd.COMMIT -> "COMMIT";
      case TransactionEnd.PREPARE -> "PREPARE";
      case TransactionEnd.ABORT -> "ABORT";
      case TransactionEnd.COMMIT_PREPARED -> "COMMIT_PREPARED";
      case TransactionEnd.ABORT_PREPARED -> "ABORT_PREPARED";
      case TransactionEnd.ASSIGNMENT -> "ASSIGNMENT";
      case TransactionEnd.INVALIDATIONS -> "INVALIDATION";
      default -> null;
    };
  }

  static void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (TransactionEnd.type(record)) {
      case TransactionEnd.COMMIT, TransactionEnd.COMMIT_PREPARED -> commit(record, out);
      case TransactionEnd.ABORT, TransactionEnd.ABORT_PREPARED -> abort(record, out);
      case TransactionEnd.PREPARE -> prepare(record, out);
      case TransactionEnd.ASSIGNMENT -> {
        out.add("xtop ", data.u32(0), ": subxacts:");
        int count = data.count(4, 4);
        for (int i = 0; i < count; i++) {
          out.add(" ", data.u32(8 + 4 * i));
        }
      }
      case TransactionEnd.INVALIDATIONS -> DescribeStandby.invalidations(data, 0, out);
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  private static void commit(WalRecord record, DescriptionBuilder out) {
    TransactionEnd end = TransactionEnd.parse(record);
    begin(end, out);
    relations("; rels:", end.droppedRelations(), record, out);
    subxids(end.subxids(), out);
    stats("", end.droppedStats(), out);
    boolean initFile = (end.xinfo() & TransactionEnd.RELCACHE_INIT_FILE_INVAL) != 0;
    DescribeStandby.invalidations(end.invalidations(), initFile, end.db(), end.spc(), out);
    out.addIf((end.xinfo() & TransactionEnd.APPLY_FEEDBACK) != 0, "; apply_feedback");
    out.addIf((end.xinfo() & TransactionEnd.FORCE_SYNC_COMMIT) != 0, "; sync");
    if (end.hasOrigin()) {
      origin(record, end.originLsn().value(), end.originTime(), out);
    }
  }

  private static void abort(WalRecord record, DescriptionBuilder out) {
    TransactionEnd end = TransactionEnd.parse(record);
    begin(end, out);
    relations("; rels:", end.droppedRelations(), record, out);
    subxids(end.subxids(), out);
    if (end.hasOrigin()) {
      origin(record, end.originLsn().value(), end.originTime(), out);
    }
    stats("", end.droppedStats(), out);
  }

  private static void begin(TransactionEnd end, DescriptionBuilder out) {
    if (end.hasXid()) {
      out.add(end.xid(), ": ");
    }
    out.time(end.time());
  }

  private static void prepare(WalRecord record, DescriptionBuilder out) {
    PreparedTransaction prepared = PreparedTransaction.parse(record);
    out.add("gid ", prepared.gid(), ": ").time(prepared.time());
    relations("; rels(commit):", prepared.commitRelations(), record, out);
    relations("; rels(abort):", prepared.abortRelations(), record, out);
    stats("commit ", prepared.commitStats(), out);
    stats("abort ", prepared.abortStats(), out);
    subxids(prepared.subxids(), out);
    DescribeStandby.invalidations(
        prepared.invalidations(), prepared.initFileInvalidated(), prepared.db(), 0, out);
    if (record.origin() != 0) {
      origin(record, prepared.originLsn().value(), prepared.originTime(), out);
    }
  }

  private static void relations(
      String name,
      List<TransactionEnd.Relation> relations,
      WalRecord record,
      DescriptionBuilder out) {
    if (relations.isEmpty()) {
      return;
    }
    out.add(name);
    for (TransactionEnd.Relation relation : relations) {
      out.add(" ").path(record.version(), relation.spc(), relation.db(), relation.rel());
    }
  }

  private static void subxids(List<Long> subxids, DescriptionBuilder out) {
    if (!subxids.isEmpty()) {
      out.add("; subxacts:");
      subxids.forEach(subxid -> out.add(" ", subxid));
    }
  }

  private static void stats(
      String label, List<TransactionEnd.DroppedStats> stats, DescriptionBuilder out) {
    if (!stats.isEmpty()) {
      out.add("; ", label, "dropped stats:");
      for (TransactionEnd.DroppedStats entry : stats) {
        out.add(" ", entry.kind(), "/", entry.db(), "/", Long.toUnsignedString(entry.object()));
      }
    }
  }

  private static void origin(WalRecord record, long lsn, long time, DescriptionBuilder out) {
    out.add("; origin: node ", record.origin(), ", lsn ", DescriptionBuilder.lsn(lsn), ", at ")
        .time(time);
  }
}
