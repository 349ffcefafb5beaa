package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.postgres.wal.BackupSpan;
import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.ImageCompression;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RawText;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Records as lines of text, in the manner of pg_waldump of the major version that wrote them: the
 * same names of resource managers and record types, and the same descriptions. Names that users
 * chose are in the form of {@link RawText}. Thread-safe.
 */
public final class WalText {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final ZoneId zone;

  /**
   * @param zone in which points in time are printed
   */
  public WalText(ZoneId zone) {
    this.zone = zone;
  }

  /** Returns the line that pg_waldump prints for a record, without a line end. */
  public String line(WalRecord record) {
    return head(record, "") + description(record) + blockReferences(record);
  }

  /**
   * Returns the beginning of a record's line, up to its type and a space.
   *
   * @param afterLsn to add after the LSN where the record starts
   */
  private static String head(WalRecord record, String afterLsn) {
    return String.format(
        Locale.ROOT,
        "rmgr: %-11s len (rec/tot): %6d/%6d, tx: %10d, lsn: %s%s, prev %s, desc: %s ",
        Rmgr.label(record.rmgrId()),
        record.totalLength() - record.imagesLength(),
        record.totalLength(),
        record.xid(),
        paddedLsn(record.lsn()),
        afterLsn,
        paddedLsn(record.prevLsn()),
        type(record));
  }

  /**
   * Returns the beginning of a record's line: all but the block references and, of a logical
   * message that is cut, the payload.
   *
   * @param withEnd whether to add where the record ends, which pg_waldump does not
   */
  public String start(WalRecord record, boolean withEnd) {
    String end = withEnd ? ", end: " + paddedLsn(record.endLsn()) : "";
    return head(record, end) + description(record);
  }

  /** Returns whether {@link #payload} belongs after {@link #start}. */
  public static boolean hasPayload(WalRecord record) {
    return record.isCut() && Rmgr.of(record.rmgrId()) == Rmgr.LOGICAL_MESSAGE;
  }

  /**
   * Prints the payload of a logical message that is cut, read a second time, in small parts.
   *
   * @throws IOException if it cannot be read again
   */
  public static void payload(WalRecord record, WalSegmentReader segments, Consumer<String> out)
      throws IOException {
    int start = LogicalMessageManager.payloadStart(record);
    int[] position = {0};
    segments.content(
        record,
        (bytes, offset, count) -> {
          StringBuilder text = new StringBuilder(3 * count);
          for (int i = offset; i < offset + count; i++, position[0]++) {
            if (position[0] >= start) {
              text.append(position[0] > start ? " " : "");
              HEX.toHexDigits(text, bytes[i]);
            }
          }
          out.accept(text.toString());
        });
  }

  /** Returns an LSN with a lower half of eight digits, as pg_waldump prints it. */
  private static String paddedLsn(Lsn lsn) {
    return String.format(Locale.ROOT, "%X/%08X", lsn.value() >>> 32, lsn.value() & 0xFFFFFFFFL);
  }

  /** Returns resource manager and type, for instance {@code Heap INSERT+INIT}. */
  public static String name(WalRecord record) {
    return Rmgr.label(record.rmgrId()) + " " + type(record);
  }

  /** Returns the record's type, for instance {@code INSERT+INIT}. */
  public static String type(WalRecord record) {
    String type = ResourceManagers.of(record).identify(record.type(), record.version());
    return type != null ? type : String.format(Locale.ROOT, "UNKNOWN (%X)", record.type());
  }

  /**
   * Returns what pg_waldump prints of the record after its type, possibly nothing. A record whose
   * contents are not what its type requires is described by that fault, in angle brackets.
   */
  public String description(WalRecord record) {
    DescriptionBuilder out = new DescriptionBuilder(zone);
    try {
      describe(record, out);
    } catch (WalException e) {
      out.add("<", e.reason(), ">");
    }
    return out.toString();
  }

  private static void describe(WalRecord record, DescriptionBuilder out) {
    if (record.isCut() && !hasPayload(record)) {
      out.add("<too long to be described>");
      return;
    }
    ResourceManagers.of(record).describe(record, out);
  }

  /** Returns {@code , blkref #0: rel 1663/5/16384 blk 0 FPW} for each block, possibly nothing. */
  public static String blockReferences(WalRecord record) {
    StringBuilder text = new StringBuilder();
    for (BlockReference block : record.blocks()) {
      text.append(", blkref #").append(block.id()).append(": rel ").append(block.spc());
      text.append('/').append(block.db()).append('/').append(block.rel());
      if (block.fork() != 0) {
        text.append(" fork ").append(Forks.name(block.fork()));
      }
      text.append(" blk ").append(block.block());
      if (block.hasImage()) {
        text.append(block.isImageApplied() ? " FPW" : " FPW for WAL verification");
      }
    }
    return text.toString();
  }

  /**
   * Returns the block references as {@code pg_waldump --bkp-details} prints them: a line for each,
   * which begins with a tab and ends with a line end.
   */
  public static String blockDetails(WalRecord record) {
    StringBuilder text = new StringBuilder();
    for (BlockReference block : record.blocks()) {
      text.append("\tblkref #").append(block.id()).append(": rel ").append(block.spc());
      text.append('/').append(block.db()).append('/').append(block.rel());
      text.append(" fork ").append(Forks.name(block.fork())).append(" blk ").append(block.block());
      if (block.hasImage()) {
        text.append(block.isImageApplied() ? " (FPW)" : " (FPW for WAL verification)");
        text.append("; hole: offset: ").append(block.holeOffset());
        text.append(", length: ").append(block.holeLength());
        if (block.compression() != ImageCompression.NONE) {
          int saved = BlockReference.PAGE_BYTES - block.holeLength() - block.imageLength();
          text.append(", compression saved: ").append(saved).append(", method: ");
          text.append(block.compression().name().toLowerCase(Locale.ROOT));
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static boolean holdsPage(WalRecord record) {
    for (BlockReference block : record.blocks()) {
      if (block.isImageApplied() && !block.isImageLeftOut()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Describes a stored version as {@link #describeValue} does, but for what a base backup has
   * beside pages: sizes, and its own bounds.
   */
  public static String describeVersion(PageKey key, Lsn lsn, Value value) {
    if (value.kind() != ValueKind.IMAGE) {
      return describeValue(value, lsn);
    }
    byte[] bytes = value.bytes();
    if (key.equals(PgKeys.BASE_BACKUP)) {
      return BackupSpan.read(bytes)
          .map(BackupSpan::toString)
          .orElseGet(() -> describeValue(value, lsn));
    }
    boolean isSize = key.kind() == 0 && key.block() == PgKeys.SIZE_BLOCK && bytes.length == 4;
    return isSize ? "size of " + LittleEndian.u32(bytes, 0) + " blocks" : describeValue(value, lsn);
  }

  /**
   * Describes a stored version: a record that a PostgreSQL producer wrote as {@code Heap INSERT
   * off: 3, flags: 0x00} (points in time are UTC), with {@code , page image} if it holds one,
   * anything else by kind and length.
   *
   * @param lsn the version's LSN
   */
  public static String describeValue(Value value, Lsn lsn) {
    int length = value.bytes().length;
    if (value.kind() == ValueKind.IMAGE) {
      return "image of " + length + " bytes";
    }
    try {
      WalRecord record = WalRecord.ofValue(value.bytes(), lsn);
      String description = RawText.escape(new WalText(ZoneOffset.UTC).description(record));
      String named = description.isEmpty() ? name(record) : name(record) + " " + description;
      return holdsPage(record) ? named + ", page image" : named;
    } catch (WalException notPostgres) {
      // Other producers' records are opaque by agreement.
      return "record of " + length + " bytes";
    }
  }
}
