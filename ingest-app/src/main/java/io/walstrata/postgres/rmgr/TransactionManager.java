package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of transactions: their end, their preparation, their subtransactions.
 *
 * <p>In PostgreSQL: formats {@code access/xact.h}, text {@code xactdesc.c}, replay {@code xact.c}
 * and {@code twophase.c}.
 */
final class TransactionManager implements ResourceManager {
  @Override
  public Rmgr rmgr() {
    return Rmgr.TRANSACTION;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type & TransactionEnd.TYPE_MASK) {
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

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
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
      case TransactionEnd.INVALIDATIONS -> Invalidations.describe(data, 0, out);
      default -> {
        // An unknown type has no text but its number.
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
    Invalidations.describe(end.invalidations(), initFile, end.db(), end.spc(), out);
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
    Invalidations.describe(
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

  @Override
  public RecordRedo redo() {
    return new TransactionRedo();
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    if (TransactionEnd.isEnd(record)) {
      TransactionEnd transaction = TransactionEnd.parse(record);
      markStatus(transaction.xid(), effects);
      for (long subxid : transaction.subxids()) {
        markStatus(subxid, effects);
      }
      for (TransactionEnd.Relation relation : transaction.droppedRelations()) {
        effects.tombstone(() -> PgKeys.relation(relation.spc(), relation.db(), relation.rel()));
      }
      if (transaction.isPrepared()) {
        effects.tombstone(() -> KeyRange.of(PgKeys.twoPhase(transaction.xid())));
      }
      if (transaction.hasOrigin()) {
        effects.change(PgKeys.REPLICATION_ORIGINS);
      }
    } else if (TransactionEnd.isPrepare(record)) {
      effects.init(PgKeys.twoPhase(record.mainData().u32(8)));
    }
  }

  private static void markStatus(long xid, EffectsBuilder effects) {
    if (xid != 0) {
      effects.change(PgKeys.slru(Slru.CLOG, Slru.CLOG.page(xid)));
    }
  }

  @Override
  public boolean isTimed(WalRecord record) {
    return TransactionEnd.isEnd(record) || TransactionEnd.isPrepare(record);
  }
}
