package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Descriptions of Standby records, and of invalidation messages wherever they are. */
final class DescribeStandby {
  private static final int LOCK = 0x00;
  private static final int RUNNING_XACTS = 0x10;
  private static final int INVALIDATIONS = 0x20;

  private static final int MESSAGE_BYTES = 16;
  private static final int LOCK_BYTES = 12;

  private DescribeStandby() {}

  static @Nullable String type(WalRecord record) {
    return switch (record.type()) {
      case LOCK -> "LOCK";
      case RUNNING_XACTS -> "RUNNING_XACTS";
      case INVALIDATIONS -> "INVALIDATIONS";
      default -> null;
    };
  }

  static void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case LOCK -> {
        int count = data.count(0, LOCK_BYTES);
        for (int i = 0, at = 4; i < count; i++, at += LOCK_BYTES) {
          out.add("xid ", data.u32(at), " db ", data.u32(at + 4), " rel ", data.u32(at + 8), " ");
        }
      }
      case RUNNING_XACTS -> runningXacts(record, out);
      case INVALIDATIONS ->
          invalidations(messages(data, 12), data.u8(8) != 0, data.u32(0), data.u32(4), out);
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  /*
   * count 4 | subtransactions 4 | overflowed 1, pad 3 | next xid 4 | oldest running 4 |
   * latest completed 4 | xids, then those of subtransactions
   */
  private static void runningXacts(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add("nextXid ", data.u32(12), " latestCompletedXid ", data.u32(20));
    out.add(" oldestRunningXid ", data.u32(16));
    int count = data.count(0);
    int subxids = data.count(4);
    xids(data, 24, count, " xacts:", out);
    boolean short15 = !record.version().atLeast(PgVersion.V16);
    out.addIf(data.u8(8) != 0, short15 ? "; subxid ovf" : "; subxid overflowed");
    xids(data, 24 + 4 * count, subxids, " subxacts:", out);
  }

  private static void xids(
      WalBytes data, int offset, int count, String name, DescriptionBuilder out) {
    if (count > 0) {
      out.add("; ", count, name);
      for (int i = 0; i < count; i++) {
        out.add(" ", data.u32(offset + 4 * i));
      }
    }
  }

  /** Describes a count and as many messages at an offset. */
  static void invalidations(WalBytes data, int offset, DescriptionBuilder out) {
    invalidations(messages(data, offset), false, 0, 0, out);
  }

  static void invalidations(
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

  static List<WalBytes> messages(WalBytes data, int offset) {
    int count = data.count(offset, MESSAGE_BYTES);
    List<WalBytes> messages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      messages.add(data.slice(offset + 4 + MESSAGE_BYTES * i, MESSAGE_BYTES));
    }
    return messages;
  }
}
