package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of SP-GiST indexes.
 *
 * <p>In PostgreSQL: formats {@code access/spgxlog.h}, text {@code spgdesc.c}, replay {@code
 * spgxlog.c}.
 */
final class SpGistManager implements ResourceManager {
  static final int ADD_LEAF = 0x10;
  static final int MOVE_LEAFS = 0x20;
  static final int ADD_NODE = 0x30;
  static final int SPLIT_TUPLE = 0x40;
  static final int PICKSPLIT = 0x50;
  static final int VACUUM_LEAF = 0x60;
  static final int VACUUM_ROOT = 0x70;
  static final int VACUUM_REDIRECT = 0x80;

  private static final String NEW_PAGE = " (newpage)";
  private static final String NULLS = " (nulls)";

  @Override
  public Rmgr rmgr() {
    return Rmgr.SPGIST;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case ADD_LEAF -> "ADD_LEAF";
      case MOVE_LEAFS -> "MOVE_LEAFS";
      case ADD_NODE -> "ADD_NODE";
      case SPLIT_TUPLE -> "SPLIT_TUPLE";
      case PICKSPLIT -> "PICKSPLIT";
      case VACUUM_LEAF -> "VACUUM_LEAF";
      case VACUUM_ROOT -> "VACUUM_ROOT";
      case VACUUM_REDIRECT -> "VACUUM_REDIRECT";
      default -> null;
    };
  }

  @Override
  public RecordRedo redo() {
    return new SpGistRedo();
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case ADD_LEAF -> {
        out.add("off: ", data.u16(2), ", headoff: ", data.u16(4));
        out.add(", parentoff: ", data.u16(6), ", nodeI: ", data.u16(8));
        out.addIf(data.u8(0) != 0, NEW_PAGE).addIf(data.u8(1) != 0, NULLS);
      }
      case MOVE_LEAFS -> {
        out.add("nmoves: ", data.u16(0));
        out.add(", parentoff: ", data.u16(6), ", nodeI: ", data.u16(8));
        out.addIf(data.u8(2) != 0, NEW_PAGE).addIf(data.u8(3) != 0, " (replacedead)");
        out.addIf(data.u8(4) != 0, NULLS);
      }
      case ADD_NODE -> {
        out.add("off: ", data.u16(0), ", newoff: ", data.u16(2));
        out.add(", parentBlk: ", (byte) data.u8(5), ", parentoff: ", data.u16(6));
        out.add(", nodeI: ", data.u16(8)).addIf(data.u8(4) != 0, NEW_PAGE);
      }
      case SPLIT_TUPLE -> {
        out.add("prefixoff: ", data.u16(0), ", postfixoff: ", data.u16(2));
        out.addIf(data.u8(4) != 0, NEW_PAGE).addIf(data.u8(5) != 0, " (same)");
      }
      case PICKSPLIT -> {
        out.add("ndelete: ", data.u16(2), ", ninsert: ", data.u16(4));
        out.add(", inneroff: ", data.u16(8), ", parentoff: ", data.u16(14));
        out.add(", nodeI: ", data.u16(16)).addIf(data.u8(12) != 0, " (innerIsParent)");
        out.addIf(data.u8(11) != 0, NULLS).addIf(data.u8(0) != 0, " (isRootSplit)");
      }
      case VACUUM_LEAF -> {
        out.add("ndead: ", data.u16(0), ", nplaceholder: ", data.u16(2));
        out.add(", nmove: ", data.u16(4), ", nchain: ", data.u16(6));
      }
      case VACUUM_ROOT -> out.add("ndelete: ", data.u16(0));
      case VACUUM_REDIRECT -> vacuumRedirect(record, out);
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  private static void vacuumRedirect(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add("ntoplaceholder: ", data.u16(0), ", firstplaceholder: ", data.u16(2));
    boolean new16 = record.version().atLeast(PgVersion.V16);
    out.add(new16 ? ", snapshotConflictHorizon: " : ", newestredirectxid: ", data.u32(4));
    if (record.version().atLeast(PgVersion.V17)) {
      out.add(", isCatalogRel: ", DescriptionBuilder.trueOrFalse(data.u8(8)));
    }
  }
}
