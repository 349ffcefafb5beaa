package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of tables: a row is inserted, deleted, updated, locked.
 *
 * <p>In PostgreSQL: formats {@code access/heapam_xlog.h}, text {@code heapdesc.c}, replay {@code
 * heapam.c}, from 18 on {@code heapam_xlog.c}.
 */
final class HeapManager implements ResourceManager {
  private static final int TYPE_MASK = 0x70;
  static final int INIT = 0x80;

  static final int INSERT = 0x00;
  static final int DELETE = 0x10;
  static final int UPDATE = 0x20;
  private static final int TRUNCATE = 0x30;
  static final int HOT_UPDATE = 0x40;
  static final int CONFIRM = 0x50;
  static final int LOCK = 0x60;
  static final int INPLACE = 0x70;

  /** The flag of a cleared bit: "all visible", or "all frozen" for the two locks. */
  static final int CLEARED = 0x01;

  /** The same for an update's new page. */
  static final int NEW_CLEARED = 0x02;

  private static final String[] INFO_BITS = {
    "IS_MULTI", "LOCK_ONLY", "EXCL_LOCK", "KEYSHR_LOCK", "KEYS_UPDATED"
  };

  @Override
  public Rmgr rmgr() {
    return Rmgr.HEAP;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case INSERT -> "INSERT";
      case INSERT | INIT -> "INSERT+INIT";
      case DELETE -> "DELETE";
      case UPDATE -> "UPDATE";
      case UPDATE | INIT -> "UPDATE+INIT";
      case HOT_UPDATE -> "HOT_UPDATE";
      case HOT_UPDATE | INIT -> "HOT_UPDATE+INIT";
      case TRUNCATE -> "TRUNCATE";
      case CONFIRM -> "HEAP_CONFIRM";
      case LOCK -> "LOCK";
      case INPLACE -> "INPLACE";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    if (record.version().atLeast(PgVersion.V16)) {
      describe16(record, out);
    } else {
      describe15(record.mainData(), record.type() & TYPE_MASK, out);
    }
  }

  private static void describe16(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type() & TYPE_MASK) {
      case INSERT -> out.add("off: ", data.u16(0), ", flags: ", DescriptionBuilder.hex(data.u8(2)));
      case DELETE, LOCK -> lock16(data, out);
      case UPDATE, HOT_UPDATE -> {
        out.add("old_xmax: ", data.u32(0), ", old_off: ", data.u16(4), ", ");
        infoBits("old_infobits: ", data.u8(6), out);
        out.add(", flags: ", DescriptionBuilder.hex(data.u8(7)));
        out.add(", new_xmax: ", data.u32(8), ", new_off: ", data.u16(12));
      }
      case TRUNCATE -> {
        int flags = data.u8(8);
        names("flags: ", new String[] {"CASCADE", "RESTART_SEQS"}, flags, out);
        int count = data.count(4);
        out.add(", nrelids: ", count).array(", relids: ", count, i -> data.u32(12 + 4 * i));
      }
      case CONFIRM -> out.add("off: ", data.u16(0));
      case INPLACE -> {
        out.add("off: ", data.u16(0));
        if (record.version().atLeast(PgVersion.V18)) {
          Invalidations.describe(
              Invalidations.at(data, 16), data.u8(12) != 0, data.u32(4), data.u32(8), out);
        }
      }
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  private static void describe15(WalBytes data, int type, DescriptionBuilder out) {
    switch (type) {
      case INSERT -> out.add("off ", data.u16(0), " flags ", DescriptionBuilder.hex(data.u8(2)));
      case DELETE -> {
        out.add("off ", data.u16(4), " flags ", DescriptionBuilder.hex(data.u8(7)), " ");
        infoBits15(data.u8(6), out);
      }
      case UPDATE, HOT_UPDATE -> {
        out.add("off ", data.u16(4), " xmax ", data.u32(0));
        out.add(" flags ", DescriptionBuilder.hex(data.u8(7)), " ");
        infoBits15(data.u8(6), out);
        out.add("; new off ", data.u16(12), " xmax ", data.u32(8));
      }
      case TRUNCATE -> {
        out.addIf((data.u8(8) & 1) != 0, "cascade ").addIf((data.u8(8) & 2) != 0, "restart_seqs ");
        int count = data.count(4);
        out.add("nrelids ", count, " relids");
        for (int i = 0; i < count; i++) {
          out.add(" ", data.u32(12 + 4 * i));
        }
      }
      case LOCK -> lock15("xid", data, out);
      case CONFIRM, INPLACE -> out.add("off ", data.u16(0));
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  @Override
  public RecordRedo redo() {
    return new HeapRedo();
  }

  static void infoBits(String name, int bits, DescriptionBuilder out) {
    names(name, INFO_BITS, bits, out);
  }

  static void infoBits15(int bits, DescriptionBuilder out) {
    for (int bit = 0; bit < INFO_BITS.length; bit++) {
      out.addIf((bits >>> bit & 1) != 0, INFO_BITS[bit] + " ");
    }
  }

  /** Describes a record that ends or locks one tuple, as from version 16 on. */
  static void lock16(WalBytes data, DescriptionBuilder out) {
    out.add("xmax: ", data.u32(0), ", off: ", data.u16(4), ", ");
    infoBits("infobits: ", data.u8(6), out);
    out.add(", flags: ", DescriptionBuilder.hex(data.u8(7)));
  }

  /**
   * Describes a record that locks one tuple, as version 15 does.
   *
   * @param locker what it calls the transaction
   */
  static void lock15(String locker, WalBytes data, DescriptionBuilder out) {
    out.add("off ", data.u16(4), ": ", locker, " ", data.u32(0));
    out.add(": flags ", DescriptionBuilder.hex(data.u8(7)), " ");
    infoBits15(data.u8(6), out);
  }

  private static void names(String name, String[] names, int bits, DescriptionBuilder out) {
    out.add(name, "[");
    String separator = "";
    for (int bit = 0; bit < names.length; bit++) {
      if ((bits >>> bit & 1) != 0) {
        out.add(separator, names[bit]);
        separator = ", ";
      }
    }
    out.add("]");
  }

  /*
   * Records that clear bits of the visibility map. Most servers do not name the map's page in the
   * record; late minor releases do, and then the block reference is the effect.
   */
  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    WalBytes data = record.mainData();
    switch (record.type() & TYPE_MASK) {
      case INSERT -> clearIf(data.u8(2) & CLEARED, record, 0, effects);
      case DELETE, LOCK -> clearIf(data.u8(7) & CLEARED, record, 0, effects);
      case UPDATE, HOT_UPDATE -> {
        clearIf(data.u8(7) & NEW_CLEARED, record, 0, effects);
        // The old tuple is on block 1, or on block 0 with the new one.
        clearIf(data.u8(7) & CLEARED, record, heapBlocks(record) > 1 ? 1 : 0, effects);
      }
      default -> {
        // TRUNCATE, CONFIRM and INPLACE leave the map alone.
      }
    }
  }

  private static int heapBlocks(WalRecord record) {
    int count = 0;
    for (BlockReference block : record.blocks()) {
      if (block.fork() == PgKeys.MAIN_FORK) {
        count++;
      }
    }
    return count;
  }

  /** Clears the bits in the visibility map of the heap block at this index, if flagged. */
  static void clearIf(int flag, WalRecord record, int index, EffectsBuilder effects) {
    if (flag == 0) {
      return;
    }
    if (record.blocks().size() <= index) {
      throw record.mainData().error("heap record without its block: index=" + index);
    }
    BlockReference heap = record.blocks().get(index);
    effects.change(
        () ->
            PgKeys.block(
                heap.spc(),
                heap.db(),
                heap.rel(),
                PgKeys.VM_FORK,
                Forks.visibilityMapBlock(heap.block())));
  }
}
