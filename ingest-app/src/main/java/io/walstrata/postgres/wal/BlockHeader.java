package io.walstrata.postgres.wal;

import static io.walstrata.postgres.wal.BlockReference.IMAGE_COMPRESSED;
import static io.walstrata.postgres.wal.BlockReference.IMAGE_HAS_HOLE;
import static io.walstrata.postgres.wal.BlockReference.PAGE_BYTES;

import org.jspecify.annotations.Nullable;

/** A block reference before its image and data are known; becomes a {@link BlockReference}. */
final class BlockHeader {
  /*
   * id 1 | fork and flags 1 | data length 2
   * with an image: length 2 | hole offset 2 | info 1 | hole length 2, if compressed and with hole
   * (an image that is left out has no bytes in the payload, whatever its length)
   * unless "same relation": tablespace 4 | database 4 | relation 4
   * block 4
   */
  private static final int SAME_RELATION = 0x80;

  int id;
  int forkFlags;
  int dataLength;
  int imageLength;
  int imageInfo;

  /** Where in the record the image's info byte is. */
  int imageInfoAt;

  int holeOffset;
  int holeLength;
  long spc;
  long db;
  long rel;
  long block;

  /** The header after this one, null after the last. */
  @Nullable BlockHeader next;

  /** Length of this header. */
  int length;

  /**
   * Reads the header at {@code at}.
   *
   * @return what is wrong with it, or null
   */
  @Nullable String read(ByteSpan record, int at, @Nullable BlockHeader previous) {
    int offset = at;
    id = record.u8(offset);
    forkFlags = record.u8(offset + 1);
    dataLength = record.u16(offset + 2);
    offset += 4;
    if (previous != null && id <= previous.id) {
      return "block reference out of order: block=" + id + ", previous=" + previous.id;
    }
    if (((forkFlags & 0x20) != 0) != (dataLength != 0)) {
      return "block data flag and length disagree: block=" + id + ", length=" + dataLength;
    }
    clearImage();
    if ((forkFlags & 0x10) != 0) {
      offset = readImageHeader(record, offset);
      String wrong = checkImage();
      if (wrong != null) {
        return wrong;
      }
    }
    if ((forkFlags & SAME_RELATION) == 0) {
      spc = record.u32(offset);
      db = record.u32(offset + 4);
      rel = record.u32(offset + 8);
      offset += 12;
    } else if (previous != null) {
      spc = previous.spc;
      db = previous.db;
      rel = previous.rel;
    } else {
      return "block reference to the relation of a previous one that is not there: block=" + id;
    }
    block = record.u32(offset);
    length = offset + 4 - at;
    return null;
  }

  /** A header may have been used for another block before. */
  private void clearImage() {
    imageLength = 0;
    imageInfo = 0;
    holeOffset = 0;
    holeLength = 0;
  }

  /** Returns the length of the image in the record: 0 if it was left out of a value. */
  int storedImageLength() {
    return (imageInfo & BlockReference.IMAGE_LEFT_OUT) != 0 ? 0 : imageLength;
  }

  private int readImageHeader(ByteSpan record, int at) {
    imageLength = record.u16(at);
    holeOffset = record.u16(at + 2);
    imageInfo = record.u8(at + 4);
    imageInfoAt = at + 4;
    if ((imageInfo & IMAGE_COMPRESSED) == 0) {
      holeLength = PAGE_BYTES - imageLength;
      return at + 5;
    }
    if ((imageInfo & IMAGE_HAS_HOLE) == 0) {
      holeLength = 0;
      return at + 5;
    }
    holeLength = record.u16(at + 5);
    return at + 7;
  }

  private @Nullable String checkImage() {
    boolean compressed = (imageInfo & IMAGE_COMPRESSED) != 0;
    boolean hole = (imageInfo & IMAGE_HAS_HOLE) != 0;
    boolean fits;
    if (hole) {
      fits = holeOffset > 0 && holeLength > 0 && holeOffset + holeLength <= PAGE_BYTES;
    } else {
      fits = holeOffset == 0 && holeLength == 0;
    }
    if (compressed) {
      fits &= imageLength < PAGE_BYTES;
    }
    return fits
        ? null
        : "page image of impossible size: block="
            + id
            + ", length="
            + imageLength
            + ", holeOffset="
            + holeOffset
            + ", holeLength="
            + holeLength
            + ", info="
            + imageInfo;
  }
}
