package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Descriptions of ReplicationOrigin, Generic, LogicalMessage and extensions' records. */
final class DescribeOthers {
  private static final int MESSAGE_HEADER_BYTES = 24;
  private static final String PREFIX_CUT = "<longer than what is kept of a record>";
  private static final HexFormat SPACED = HexFormat.ofDelimiter(" ").withUpperCase();

  private DescribeOthers() {}

  static @Nullable String originType(WalRecord record) {
    return switch (record.type()) {
      case 0x00 -> "SET";
      case 0x10 -> "DROP";
      default -> null;
    };
  }

  static void describeOrigin(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case 0x00 -> {
        out.add("set ", data.u16(8), "; lsn ", DescriptionBuilder.lsn(data.i64(0)));
        out.add("; force: ", data.u8(10));
      }
      case 0x10 -> out.add("drop ", data.u16(0));
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  static void describeGeneric(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    for (int at = 0; at < data.length(); ) {
      int length = data.u16(at + 2);
      out.add("offset ", data.u16(at), ", length ", length);
      at += 4 + length;
      out.addIf(at < data.length(), "; ");
    }
  }

  static @Nullable String messageType(WalRecord record) {
    return record.type() == 0x00 ? "MESSAGE" : null;
  }

  /**
   * Database 4, transactional 1, pad 3, prefix length 8 with its zero byte, length 8, both. Of a
   * record that is cut the payload is left out.
   */
  static void describeMessage(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    WalBytes text = data.from(MESSAGE_HEADER_BYTES);
    long prefix = data.i64(8);
    long length = data.i64(16);
    int available = record.isCut() ? record.totalLength() : text.length();
    if (prefix < 0 || length < 0 || prefix > available || length > available - prefix) {
      throw data.error("message longer than its record: prefix=" + prefix + ", length=" + length);
    }
    out.addIf(data.u8(4) == 0, "non-").add("transactional, prefix \"");
    if (prefix > text.length()) { // A prefix that is itself too long to be kept.
      out.add(PREFIX_CUT);
    } else {
      out.add(text.cString(0));
    }
    out.add("\"; payload (", length, " bytes): ");
    if (!record.isCut()) {
      out.add(SPACED.formatHex(text.slice((int) prefix, (int) length).toArray()));
    }
  }

  /** Returns where the payload of a logical message begins in its record. */
  static int payloadStart(WalRecord record) {
    long length = record.mainData().i64(16);
    if (length < 0 || length > record.totalLength()) {
      throw record.mainData().error("message longer than its record: length=" + length);
    }
    return record.totalLength() - (int) length;
  }
}
