package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Messages that sessions write into the log for logical decoding. They change no page.
 *
 * <p>In PostgreSQL: formats {@code replication/message.h}, text {@code logicalmsgdesc.c}, replay
 * {@code message.c}.
 */
final class LogicalMessageManager implements ResourceManager {
  private static final int MESSAGE = 0x00;
  private static final int MESSAGE_HEADER_BYTES = 24;
  private static final String PREFIX_CUT = "<longer than what is kept of a record>";
  private static final HexFormat SPACED = HexFormat.ofDelimiter(" ").withUpperCase();

  @Override
  public Rmgr rmgr() {
    return Rmgr.LOGICAL_MESSAGE;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return type == MESSAGE ? "MESSAGE" : null;
  }

  /*
   * Database 4, transactional 1, pad 3, prefix length 8 with its zero byte, length 8, both. Of a
   * record that is cut the payload is left out.
   */
  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
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
