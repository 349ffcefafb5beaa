package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.WalBytes;
import java.util.ArrayList;
import java.util.List;

/** Cache invalidation messages, which records of several resource managers hold. */
final class Invalidations {
  private static final int MESSAGE_BYTES = 16;

  private Invalidations() {}

  /** Describes a count and as many messages at an offset. */
  static void describe(WalBytes data, int offset, DescriptionBuilder out) {
    describe(at(data, offset), false, 0, 0, out);
  }

  /**
   * Describes messages.
   *
   * @param initFile whether the relation cache's init file of a database is invalid, too
   */
  static void describe(
      List<WalBytes> messages, boolean initFile, long db, long spc, DescriptionBuilder out) {
    if (initFile) {
      out.add("; relcache init file inval dbid ", db, " tsid ", spc);
    }
    if (messages.isEmpty()) {
      return;
    }
    out.add("; inval msgs:");
    for (WalBytes message : messages) {
      byte id = (byte) message.u8(0);
      switch (id) {
        case -1 -> out.add(" catalog ", message.u32(8));
        case -2 -> out.add(" relcache ", message.u32(8));
        case -3 -> out.add(" smgr");
        case -4 -> out.add(" relmap db ", message.u32(4));
        case -5 -> out.add(" snapshot ", message.u32(8));
        case -6 -> out.add(" relsync ", message.u32(8));
        default -> out.add(id >= 0 ? " catcache " : " unrecognized id ", id);
      }
    }
  }

  /** Reads a count and as many messages at an offset. */
  static List<WalBytes> at(WalBytes data, int offset) {
    int count = data.count(offset, MESSAGE_BYTES);
    List<WalBytes> messages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      messages.add(data.slice(offset + 4 + MESSAGE_BYTES * i, MESSAGE_BYTES));
    }
    return messages;
  }
}
