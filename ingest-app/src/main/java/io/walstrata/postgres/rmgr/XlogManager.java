package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of the log itself: checkpoints, parameters, page images, restore points.
 *
 * <p>In PostgreSQL: formats {@code catalog/pg_control.h} and {@code access/xlog_internal.h}, text
 * {@code xlogdesc.c}, replay {@code xlog.c}.
 */
final class XlogManager implements ResourceManager {
  static final int CHECKPOINT_SHUTDOWN = 0x00;
  static final int CHECKPOINT_ONLINE = 0x10;
  private static final int NOOP = 0x20;
  private static final int NEXTOID = 0x30;
  private static final int SWITCH = 0x40;
  static final int BACKUP_END = 0x50;
  static final int PARAMETER_CHANGE = 0x60;
  private static final int RESTORE_POINT = 0x70;
  private static final int FPW_CHANGE = 0x80;
  static final int END_OF_RECOVERY = 0x90;
  private static final int FPI_FOR_HINT = 0xA0;
  private static final int FPI = 0xB0;
  private static final int OVERWRITE_CONTRECORD = 0xD0;
  static final int CHECKPOINT_REDO = 0xE0;

  @Override
  public Rmgr rmgr() {
    return Rmgr.XLOG;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case CHECKPOINT_SHUTDOWN -> "CHECKPOINT_SHUTDOWN";
      case CHECKPOINT_ONLINE -> "CHECKPOINT_ONLINE";
      case NOOP -> "NOOP";
      case NEXTOID -> "NEXTOID";
      case SWITCH -> "SWITCH";
      case BACKUP_END -> "BACKUP_END";
      case PARAMETER_CHANGE -> "PARAMETER_CHANGE";
      case RESTORE_POINT -> "RESTORE_POINT";
      case FPW_CHANGE -> "FPW_CHANGE";
      case END_OF_RECOVERY -> "END_OF_RECOVERY";
      case FPI_FOR_HINT -> "FPI_FOR_HINT";
      case FPI -> "FPI";
      case OVERWRITE_CONTRECORD -> "OVERWRITE_CONTRECORD";
      case CHECKPOINT_REDO -> version.atLeast(PgVersion.V17) ? "CHECKPOINT_REDO" : null;
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case CHECKPOINT_SHUTDOWN, CHECKPOINT_ONLINE -> checkpoint(record, out);
      case NEXTOID -> out.add(data.u32(0));
      case BACKUP_END -> out.add(DescriptionBuilder.lsn(data.i64(0)));
      case PARAMETER_CHANGE -> parameters(data, out);
      case RESTORE_POINT -> out.add(data.cString(8));
      case FPW_CHANGE -> out.add(data.u8(0) != 0);
      case END_OF_RECOVERY -> {
        out.add("tli ", data.u32(8), "; prev tli ", data.u32(12), "; time ").time(data.i64(0));
        if (record.version().atLeast(PgVersion.V17)) {
          out.add("; wal_level ", walLevel(data.i32(16)));
        }
      }
      case OVERWRITE_CONTRECORD ->
          out.add("lsn ", DescriptionBuilder.lsn(data.i64(0)), "; time ").time(data.i64(8));
      case CHECKPOINT_REDO -> {
        if (record.version().atLeast(PgVersion.V17)) {
          out.add("wal_level ", walLevel(data.i32(0)));
        }
      }
      default -> {
        // No text beyond the type and the blocks.
      }
    }
  }

  /*
   * Checkpoint: redo 8 | timeline 4 | previous timeline 4 | full page writes 1, pad to 20 |
   * wal_level 4 (17+, else pad) | next xid 8 | next oid 4 | next multi 4 | next member 4 |
   * oldest xid 4 | its db 4 | oldest multi 4 | its db 4 | pad 4 | time 8 | oldest commit ts 4 |
   * newest commit ts 4 | oldest active xid 4
   */
  private static void checkpoint(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add("redo ", DescriptionBuilder.lsn(data.i64(0)));
    out.add("; tli ", data.u32(8), "; prev tli ", data.u32(12));
    out.add("; fpw ", data.u8(16) != 0);
    if (record.version().atLeast(PgVersion.V17)) {
      out.add("; wal_level ", walLevel(data.i32(20)));
    }
    out.add("; xid ", DescriptionBuilder.fullXid(data.i64(24)), "; oid ", data.u32(32));
    out.add("; multi ", data.u32(36), "; offset ", data.u32(40));
    out.add("; oldest xid ", data.u32(44), " in DB ", data.u32(48));
    out.add("; oldest multi ", data.u32(52), " in DB ", data.u32(56));
    out.add("; oldest/newest commit timestamp xid: ", data.u32(72), "/", data.u32(76));
    out.add("; oldest running xid ", data.u32(80));
    out.add(record.type() == CHECKPOINT_SHUTDOWN ? "; shutdown" : "; online");
  }

  private static void parameters(WalBytes data, DescriptionBuilder out) {
    out.add("max_connections=", data.i32(0), " max_worker_processes=", data.i32(4));
    out.add(" max_wal_senders=", data.i32(8), " max_prepared_xacts=", data.i32(12));
    out.add(" max_locks_per_xact=", data.i32(16), " wal_level=", walLevel(data.i32(20)));
    out.add(" wal_log_hints=", onOrOff(data.u8(24)));
    out.add(" track_commit_timestamp=", onOrOff(data.u8(25)));
  }

  private static String onOrOff(int value) {
    return value != 0 ? "on" : "off";
  }

  private static String walLevel(int level) {
    return switch (level) {
      case 0 -> "minimal";
      case 1 -> "replica";
      case 2 -> "logical";
      default -> "?";
    };
  }

  @Override
  public RecordRedo redo() {
    return new XlogRedo();
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    switch (record.type()) {
      case CHECKPOINT_SHUTDOWN, CHECKPOINT_ONLINE -> effects.init(PgKeys.CHECKPOINT);
      case NEXTOID, FPW_CHANGE -> effects.change(PgKeys.CHECKPOINT);
      case PARAMETER_CHANGE, BACKUP_END -> effects.change(PgKeys.CONTROL_FILE);
      case END_OF_RECOVERY -> {
        effects.change(PgKeys.CONTROL_FILE);
        effects.change(PgKeys.CHECKPOINT);
      }
      default -> {
        // FPI and FPI_FOR_HINT are block references; the others leave no trace in any file.
      }
    }
  }

  @Override
  public boolean isTimed(WalRecord record) {
    return record.type() == END_OF_RECOVERY;
  }
}
