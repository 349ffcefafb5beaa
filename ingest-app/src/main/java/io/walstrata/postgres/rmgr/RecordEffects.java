package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;

/** What records do beyond their block references, by resource manager. */
final class RecordEffects {
  private static final int XLOG_CHECKPOINT_SHUTDOWN = 0x00;
  private static final int XLOG_CHECKPOINT_ONLINE = 0x10;
  private static final int XLOG_NEXTOID = 0x30;
  private static final int XLOG_BACKUP_END = 0x50;
  private static final int XLOG_PARAMETER_CHANGE = 0x60;
  private static final int XLOG_FPW_CHANGE = 0x80;
  private static final int XLOG_END_OF_RECOVERY = 0x90;

  private static final int DATABASE_CREATE_FILE_COPY = 0x00;
  private static final int DATABASE_CREATE_WAL_LOG = 0x10;
  private static final int DATABASE_DROP = 0x20;

  private static final int TABLESPACE_DROP = 0x10;

  private RecordEffects() {}

  static void add(WalRecord record, EffectsBuilder effects) {
    switch (Rmgr.of(record.rmgrId())) {
      case XLOG -> xlog(record, effects);
      case TRANSACTION -> transaction(record, effects);
      case STORAGE -> StorageEffects.add(record, effects);
      case CLOG, MULTIXACT, COMMIT_TS -> SlruEffects.add(record, effects);
      case DATABASE -> database(record, effects);
      case TABLESPACE -> tablespace(record, effects);
      case RELMAP -> relationMap(record, effects);
      case HEAP, HEAP2 -> VisibilityEffects.add(record, effects);
      case REPLICATION_ORIGIN -> effects.change(PgKeys.REPLICATION_ORIGINS);
      default -> {
        // All that these change is in their block references, or they change no page at all.
      }
    }
  }

  private static void xlog(WalRecord record, EffectsBuilder effects) {
    switch (record.type()) {
      case XLOG_CHECKPOINT_SHUTDOWN, XLOG_CHECKPOINT_ONLINE -> effects.init(PgKeys.CHECKPOINT);
      case XLOG_NEXTOID, XLOG_FPW_CHANGE -> effects.change(PgKeys.CHECKPOINT);
      case XLOG_PARAMETER_CHANGE, XLOG_BACKUP_END -> effects.change(PgKeys.CONTROL_FILE);
      case XLOG_END_OF_RECOVERY -> {
        effects.change(PgKeys.CONTROL_FILE);
        effects.change(PgKeys.CHECKPOINT);
      }
      default -> {
        // FPI and FPI_FOR_HINT are block references; the others leave no trace in any file.
      }
    }
  }

  private static void transaction(WalRecord record, EffectsBuilder effects) {
    if (TransactionEnd.isEnd(record)) {
      TransactionEnd transaction = TransactionEnd.parse(record);
      markStatus(transaction.xid(), effects);
      for (long subxid : transaction.subxids()) {
        markStatus(subxid, effects);
      }
      for (TransactionEnd.Relation relation : transaction.droppedRelations()) {
        effects.drop(() -> PgKeys.relation(relation.spc(), relation.db(), relation.rel()));
      }
      if (transaction.isPrepared()) {
        effects.drop(() -> KeyRange.of(PgKeys.twoPhase(transaction.xid())));
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

  private static void database(WalRecord record, EffectsBuilder effects) {
    WalBytes data = record.mainData();
    long db = data.u32(0);
    effects.change(PgKeys.DATABASES);
    switch (record.type()) {
      case DATABASE_CREATE_FILE_COPY -> {
        long spc = data.u32(4);
        effects.init(() -> PgKeys.relationDirectory(spc, db));
        effects.init(() -> PgKeys.relationMap(spc, db));
      }
      case DATABASE_CREATE_WAL_LOG -> {
        long spc = data.u32(4);
        effects.init(() -> PgKeys.relationDirectory(spc, db));
      }
      case DATABASE_DROP -> {
        int count = data.count(4);
        for (int i = 0; i < count; i++) {
          long spc = data.u32(8 + 4 * i);
          effects.drop(() -> PgKeys.database(spc, db));
        }
      }
      default -> throw data.error("unknown type of Database record: info=" + record.info());
    }
  }

  private static void tablespace(WalRecord record, EffectsBuilder effects) {
    effects.change(PgKeys.TABLESPACES);
    if (record.type() == TABLESPACE_DROP) {
      long spc = record.mainData().u32(0);
      effects.drop(() -> PgKeys.tablespace(spc));
    }
  }

  private static void relationMap(WalRecord record, EffectsBuilder effects) {
    long db = record.mainData().u32(0);
    long spc = record.mainData().u32(4);
    effects.init(() -> PgKeys.relationMap(spc, db));
  }
}
