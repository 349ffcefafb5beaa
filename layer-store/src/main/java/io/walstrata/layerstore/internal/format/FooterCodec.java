package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Encodes and decodes the header and footer of a delta layer file. */
final class FooterCodec {
  private FooterCodec() {}

  static byte[] encodeHeader(TimelineId timeline, KeyRange keys, LsnRange lsns) {
    byte[] bytes = new byte[HEADER_LENGTH];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putLong(HEADER_MAGIC).putShort((short) VERSION);
    putRanges(out, timeline, keys, lsns);
    return Checksum.seal(bytes);
  }

  static byte[] encodeFooter(DeltaLayerFooter footer) {
    byte[] bytes = new byte[FOOTER_LENGTH];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putLong(FOOTER_MAGIC);
    putRanges(out, footer.timeline(), footer.keyRange(), footer.lsnRange());
    out.putLong(footer.startOffset()).putLong(footer.endOffset());
    out.putLong(footer.versions()).putLong(footer.keys()).putLong(footer.tombstones());
    out.putLong(footer.valueBytes()).putLong(footer.blocks());
    out.putLong(footer.contentDigest());
    out.putLong(footer.indexPosition()).putLong(footer.tombstonesPosition());
    out.putLong(footer.filterPosition()).putLong(footer.footerPosition());
    out.putLong(footer.fileLength());
    out.putShort((short) Checksum.CRC32C_ID).putShort((short) footer.version());
    out.putInt(FOOTER_LENGTH);
    return Checksum.seal(bytes);
  }

  private static void putRanges(ByteBuffer out, TimelineId timeline, KeyRange keys, LsnRange lsns) {
    out.put(timeline.toBytes());
    out.put(keys.startKey().toBytes()).put(keys.endKey().toBytes());
    out.putLong(lsns.startLsn().value()).putLong(lsns.endLsn().value());
  }

  /** Reads and checks header, footer and length. */
  static DeltaLayerFooter read(LayerFileInput input) throws IOException {
    long length = input.length();
    if (length < HEADER_LENGTH + TAIL_LENGTH) {
      throw new CorruptLayerException(
          input.name(), 0, "file length", "at least " + (HEADER_LENGTH + TAIL_LENGTH), length);
    }
    // One read suffices if the footer is as long as this version's: opening a store reads all
    // footers.
    int lastLength = (int) Math.min(FOOTER_LENGTH, length - HEADER_LENGTH);
    FileBytes last = FileBytes.read(input, length - lastLength, lastLength);
    int lengthAt = lastLength - TAIL_LENGTH + FOOTER_FOOTER_LENGTH - FOOTER_VERSION;
    int footerLength = last.i32(lengthAt);
    long maxLength = Math.min(MAX_FOOTER_LENGTH, length - HEADER_LENGTH);
    if (footerLength < TAIL_LENGTH || footerLength > maxLength) {
      throw last.corrupt(lengthAt, "footer length", TAIL_LENGTH + " to " + maxLength, footerLength);
    }
    FileBytes bytes =
        footerLength == lastLength
            ? last
            : FileBytes.read(input, length - footerLength, footerLength);
    bytes.checkTrailingChecksum("footer");
    int version = bytes.u16(footerLength - TAIL_LENGTH);
    if (version < OLDEST_VERSION || version > VERSION) {
      throw new UnsupportedFormatException(input.name(), version, OLDEST_VERSION, VERSION);
    }
    bytes.checkEqual(0, "footer length", FOOTER_LENGTH, footerLength);
    DeltaLayerFooter footer = decode(bytes, length);
    checkHeader(input, footer);
    return footer;
  }

  static boolean isMarked(LayerFileInput input) throws IOException {
    return isAt(input, 0, HEADER_MAGIC)
        || isAt(input, input.length() - FOOTER_LENGTH, FOOTER_MAGIC);
  }

  private static boolean isAt(LayerFileInput input, long position, long magic) throws IOException {
    return position >= 0
        && position <= input.length() - Long.BYTES
        && FileBytes.read(input, position, Long.BYTES).i64(0) == magic;
  }

  private static DeltaLayerFooter decode(FileBytes bytes, long length)
      throws CorruptLayerException {
    bytes.checkEqual(0, "footer magic", FOOTER_MAGIC, bytes.i64(0));
    bytes.checkEqual(
        FOOTER_ALGORITHM, "checksum algorithm", Checksum.CRC32C_ID, bytes.u16(FOOTER_ALGORITHM));
    DeltaLayerFooter footer =
        new DeltaLayerFooter(
            bytes.u16(FOOTER_VERSION),
            bytes.timeline(FOOTER_TIMELINE),
            bytes.keyRange(FOOTER_KEYS),
            bytes.lsnRange(FOOTER_LSNS),
            bytes.i64(FOOTER_START_OFFSET),
            bytes.i64(FOOTER_END_OFFSET),
            bytes.i64(FOOTER_VERSIONS),
            bytes.i64(FOOTER_KEY_COUNT),
            bytes.i64(FOOTER_TOMBSTONES),
            bytes.i64(FOOTER_VALUE_BYTES),
            bytes.i64(FOOTER_BLOCKS),
            bytes.i64(FOOTER_DIGEST),
            bytes.i64(FOOTER_INDEX_POSITION),
            bytes.i64(FOOTER_TOMBSTONES_POSITION),
            bytes.i64(FOOTER_FILTER_POSITION),
            bytes.i64(FOOTER_POSITION),
            bytes.i64(FOOTER_FILE_LENGTH));
    bytes.checkEqual(FOOTER_FILE_LENGTH, "file length", footer.fileLength(), length);
    checkPlausible(bytes, footer);
    return footer;
  }

  /** Checks the fields that later arithmetic and allocations rely on. */
  private static void checkPlausible(FileBytes bytes, DeltaLayerFooter footer)
      throws CorruptLayerException {
    long length = footer.fileLength();
    checkRange(bytes, FOOTER_BLOCKS, "blocks", footer.blocks(), length / BLOCK_REF_LENGTH);
    checkRange(
        bytes, FOOTER_TOMBSTONES, "tombstones", footer.tombstones(), length / TOMBSTONE_LENGTH);
    checkRange(bytes, FOOTER_VERSIONS, "versions", footer.versions(), Long.MAX_VALUE);
    checkRange(bytes, FOOTER_KEY_COUNT, "keys", footer.keys(), footer.versions());
    checkRange(bytes, FOOTER_VALUE_BYTES, "value bytes", footer.valueBytes(), Long.MAX_VALUE);
    checkRange(bytes, FOOTER_END_OFFSET, "end offset", footer.endOffset(), Long.MAX_VALUE);
    checkRange(
        bytes, FOOTER_START_OFFSET, "start offset", footer.startOffset(), footer.endOffset() - 1);
    bytes.checkEqual(
        FOOTER_POSITION, "footer position", length - FOOTER_LENGTH, footer.footerPosition());
    checkRange(
        bytes,
        FOOTER_INDEX_POSITION,
        "index position",
        footer.indexPosition() - HEADER_LENGTH,
        length - HEADER_LENGTH);
    bytes.checkEqual(
        FOOTER_TOMBSTONES_POSITION,
        "tombstones position",
        footer.indexPosition() + footer.blocks() * BLOCK_REF_LENGTH + Checksum.BYTES,
        footer.tombstonesPosition());
    bytes.checkEqual(
        FOOTER_FILTER_POSITION,
        "filter position",
        footer.tombstonesPosition() + footer.tombstones() * TOMBSTONE_LENGTH + Checksum.BYTES,
        footer.filterPosition());
    long filterBytes = footer.footerPosition() - footer.filterPosition() - Checksum.BYTES;
    checkRange(
        bytes,
        FOOTER_FILTER_POSITION,
        "filter length",
        filterBytes,
        (long) KeyFilter.MAX_LINES * KeyFilter.LINE_BYTES);
    bytes.checkEqual(
        FOOTER_FILTER_POSITION, "filter length modulo 64", 0, filterBytes % KeyFilter.LINE_BYTES);
    if (filterBytes == 0 && footer.versions() > 0) {
      throw bytes.corrupt(FOOTER_FILTER_POSITION, "filter length", "greater than 0", filterBytes);
    }
  }

  private static void checkRange(FileBytes bytes, int at, String what, long value, long max)
      throws CorruptLayerException {
    if (value < 0 || value > max) {
      throw bytes.corrupt(at, what, "0 to " + max, value);
    }
  }

  private static void checkHeader(LayerFileInput input, DeltaLayerFooter footer)
      throws IOException {
    FileBytes header = FileBytes.read(input, 0, HEADER_LENGTH);
    header.checkTrailingChecksum("header");
    header.checkEqual(0, "header magic", HEADER_MAGIC, header.i64(0));
    header.checkEqual(
        HEADER_VERSION, "header version", footer.version(), header.u16(HEADER_VERSION));
    header.checkEqual(
        HEADER_TIMELINE, "header timeline", footer.timeline(), header.timeline(HEADER_TIMELINE));
    header.checkEqual(
        HEADER_KEYS, "header key range", footer.keyRange(), header.keyRange(HEADER_KEYS));
    header.checkEqual(
        HEADER_LSNS, "header LSN range", footer.lsnRange(), header.lsnRange(HEADER_LSNS));
  }
}
