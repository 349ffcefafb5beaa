package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of BRIN indexes.
 *
 * <p>In PostgreSQL: formats {@code access/brin_xlog.h}, text {@code brindesc.c}, replay {@code
 * brin_xlog.c}.
 */
final class BrinManager implements ResourceManager {
  static final int TYPE_MASK = 0x70;
  static final int INIT = 0x80;

  static final int CREATE_INDEX = 0x00;
  static final int INSERT = 0x10;
  static final int UPDATE = 0x20;
  static final int SAMEPAGE_UPDATE = 0x30;
  static final int REVMAP_EXTEND = 0x40;
  static final int DESUMMARIZE = 0x50;

  @Override
  public Rmgr rmgr() {
    return Rmgr.BRIN;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case CREATE_INDEX -> "CREATE_INDEX";
      case INSERT -> "INSERT";
      case INSERT | INIT -> "INSERT+INIT";
      case UPDATE -> "UPDATE";
      case UPDATE | INIT -> "UPDATE+INIT";
      case SAMEPAGE_UPDATE -> "SAMEPAGE_UPDATE";
      case REVMAP_EXTEND -> "REVMAP_EXTEND";
      case DESUMMARIZE -> "DESUMMARIZE";
      default -> null;
    };
  }

  @Override
  public RecordRedo redo() {
    return new BrinRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type() & TYPE_MASK) {
      case CREATE_INDEX -> out.add("v", data.u16(4), " pagesPerRange ", data.u32(0));
      case INSERT -> {
        out.add("heapBlk ", data.u32(0), " pagesPerRange ", data.u32(4));
        out.add(" offnum ", data.u16(8));
      }
      case UPDATE -> {
        out.add("heapBlk ", data.u32(4), " pagesPerRange ", data.u32(8));
        out.add(" old offnum ", data.u16(0), ", new offnum ", data.u16(12));
      }
      case SAMEPAGE_UPDATE -> out.add("offnum ", data.u16(0));
      case REVMAP_EXTEND -> out.add("targetBlk ", data.u32(0));
      case DESUMMARIZE -> {
        out.add("pagesPerRange ", data.u32(0), ", heapBlk ", data.u32(4));
        out.add(", page offset ", data.u16(8));
      }
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }
}
