package io.walstrata.ingest.pgwal;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Records as lines of text, in the manner of pg_waldump of the major version that wrote them: the
 * same names of resource managers and record types, and the same words about them. Names that users
 * gave are in the form of {@link PgRawText}. Thread-safe.
 */
public final class PgWalText {
  private static final String[] FORKS = {"main", "fsm", "vm", "init"};
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final ZoneId zone;

  /**
   * @param zone in which points in time are printed
   */
  public PgWalText(ZoneId zone) {
    this.zone = zone;
  }

  /** Returns the line that pg_waldump prints for a record, without a line end. */
  public String line(PgWalRecord record) {
    return head(record, "") + description(record) + blockReferences(record);
  }

  /**
   * Returns the beginning of a record's line, up to its type and a space.
   *
   * @param afterLsn to add after the LSN where the record starts
   */
  private static String head(PgWalRecord record, String afterLsn) {
    return String.format(
        Locale.ROOT,
        "rmgr: %-11s len (rec/tot): %6d/%6d, tx: %10d, lsn: %s%s, prev %s, desc: %s ",
        PgRmgr.label(record.rmgrId()),
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
  public String start(PgWalRecord record, boolean withEnd) {
    String end = withEnd ? ", end: " + paddedLsn(record.endLsn()) : "";
    return head(record, end) + description(record);
  }

  /** Returns whether {@link #payload} belongs after {@link #start}. */
  public static boolean hasPayload(PgWalRecord record) {
    return record.isCut() && PgRmgr.of(record.rmgrId()) == PgRmgr.LOGICAL_MESSAGE;
  }

  /**
   * Prints the payload of a logical message that is cut, read a second time, in small parts.
   *
   * @throws IOException if it cannot be read again
   */
  public static void payload(PgWalRecord record, PgWalSegments segments, Consumer<String> out)
      throws IOException {
    int start = PgDescribeOthers.payloadStart(record);
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
  public static String name(PgWalRecord record) {
    return PgRmgr.label(record.rmgrId()) + " " + type(record);
  }

  /** Returns the record's type, for instance {@code INSERT+INIT}. */
  public static String type(PgWalRecord record) {
    String type = typeOrNull(record);
    return type != null ? type : String.format(Locale.ROOT, "UNKNOWN (%X)", record.type());
  }

  private static @Nullable String typeOrNull(PgWalRecord record) {
    return switch (PgRmgr.of(record.rmgrId())) {
      case XLOG -> PgDescribeXlog.type(record);
      case TRANSACTION -> PgDescribeTransaction.type(record);
      case STORAGE -> PgDescribeFiles.storageType(record);
      case CLOG, COMMIT_TS -> PgDescribeSlru.type(record);
      case DATABASE -> PgDescribeFiles.databaseType(record);
      case TABLESPACE -> PgDescribeFiles.tablespaceType(record);
      case MULTIXACT -> PgDescribeSlru.multixactType(record);
      case RELMAP -> PgDescribeFiles.relationMapType(record);
      case STANDBY -> PgDescribeStandby.type(record);
      case HEAP2 -> PgDescribeHeap2.type(record);
      case HEAP -> PgDescribeHeap.type(record);
      case BTREE -> PgDescribeBtree.type(record);
      case HASH -> PgDescribeHash.type(record);
      case GIN -> PgDescribeGin.type(record);
      case GIST -> PgDescribeGist.type(record);
      case SEQUENCE -> PgDescribeFiles.sequenceType(record);
      case SPGIST -> PgDescribeSpGist.type(record);
      case BRIN -> PgDescribeBrin.type(record);
      case REPLICATION_ORIGIN -> PgDescribeOthers.originType(record);
      case GENERIC -> "Generic";
      case LOGICAL_MESSAGE -> PgDescribeOthers.messageType(record);
      case CUSTOM, UNKNOWN -> null;
    };
  }

  /**
   * Returns what pg_waldump says about the record after its type, possibly nothing. A record whose
   * contents are not what its type demands is described by that fault, in angle brackets.
   */
  public String description(PgWalRecord record) {
    PgText out = new PgText(zone);
    try {
      describe(record, out);
    } catch (PgWalException e) {
      out.add("<", e.reason(), ">");
    }
    return out.toString();
  }

  private static void describe(PgWalRecord record, PgText out) {
    if (record.isCut() && !hasPayload(record)) {
      out.add("<too long to be described>");
      return;
    }
    switch (PgRmgr.of(record.rmgrId())) {
      case XLOG -> PgDescribeXlog.describe(record, out);
      case TRANSACTION -> PgDescribeTransaction.describe(record, out);
      case STORAGE -> PgDescribeFiles.describeStorage(record, out);
      case CLOG -> PgDescribeSlru.describeClog(record, out);
      case COMMIT_TS -> PgDescribeSlru.describeCommitTs(record, out);
      case DATABASE -> PgDescribeFiles.describeDatabase(record, out);
      case TABLESPACE -> PgDescribeFiles.describeTablespace(record, out);
      case MULTIXACT -> PgDescribeSlru.describeMultixact(record, out);
      case RELMAP -> PgDescribeFiles.describeRelationMap(record, out);
      case STANDBY -> PgDescribeStandby.describe(record, out);
      case HEAP2 -> PgDescribeHeap2.describe(record, out);
      case HEAP -> PgDescribeHeap.describe(record, out);
      case BTREE -> PgDescribeBtree.describe(record, out);
      case HASH -> PgDescribeHash.describe(record, out);
      case GIN -> PgDescribeGin.describe(record, out);
      case GIST -> PgDescribeGist.describe(record, out);
      case SEQUENCE -> PgDescribeFiles.describeSequence(record, out);
      case SPGIST -> PgDescribeSpGist.describe(record, out);
      case BRIN -> PgDescribeBrin.describe(record, out);
      case REPLICATION_ORIGIN -> PgDescribeOthers.describeOrigin(record, out);
      case GENERIC -> PgDescribeOthers.describeGeneric(record, out);
      case LOGICAL_MESSAGE -> PgDescribeOthers.describeMessage(record, out);
      case CUSTOM, UNKNOWN -> out.add("rmid: ", record.rmgrId());
    }
  }

  /** Returns {@code , blkref #0: rel 1663/5/16384 blk 0 FPW} for each block, possibly nothing. */
  public static String blockReferences(PgWalRecord record) {
    StringBuilder text = new StringBuilder();
    for (PgBlockReference block : record.blocks()) {
      text.append(", blkref #").append(block.id()).append(": rel ").append(block.spc());
      text.append('/').append(block.db()).append('/').append(block.rel());
      if (block.fork() != 0) {
        text.append(" fork ").append(fork(block.fork()));
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
  public static String blockDetails(PgWalRecord record) {
    StringBuilder text = new StringBuilder();
    for (PgBlockReference block : record.blocks()) {
      text.append("\tblkref #").append(block.id()).append(": rel ").append(block.spc());
      text.append('/').append(block.db()).append('/').append(block.rel());
      text.append(" fork ").append(fork(block.fork())).append(" blk ").append(block.block());
      if (block.hasImage()) {
        text.append(block.isImageApplied() ? " (FPW)" : " (FPW for WAL verification)");
        text.append("; hole: offset: ").append(block.holeOffset);
        text.append(", length: ").append(block.holeLength);
        if (block.compression() != PgCompression.NONE) {
          int saved = PgPageImages.PAGE_BYTES - block.holeLength - block.imageLength();
          text.append(", compression saved: ").append(saved).append(", method: ");
          text.append(block.compression().name().toLowerCase(Locale.ROOT));
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Returns the number of a fork with this name, -1 if there is none. */
  public static int forkNumber(String name) {
    return List.of(FORKS).indexOf(name);
  }

  /** Returns a fork's name. */
  static String fork(int fork) {
    return fork < FORKS.length ? FORKS[fork] : String.valueOf(fork);
  }

  /**
   * Describes a stored version: a record that a PostgreSQL producer wrote as {@code Heap INSERT
   * off: 3, flags: 0x00} (points in time are UTC), anything else by kind and length.
   *
   * @param lsn the version's LSN
   */
  public static String describeValue(Value value, Lsn lsn) {
    int length = value.bytes().length;
    if (value.kind() == ValueKind.IMAGE) {
      return "image of " + length + " bytes";
    }
    try {
      PgWalRecord record = PgWalRecord.ofValue(value.bytes(), lsn);
      String description = PgRawText.escape(new PgWalText(ZoneOffset.UTC).description(record));
      return description.isEmpty() ? name(record) : name(record) + " " + description;
    } catch (PgWalException notPostgres) {
      // Other producers' records are opaque by agreement.
      return "record of " + length + " bytes";
    }
  }
}
