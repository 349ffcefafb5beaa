package io.walstrata.postgres.wal;

/**
 * One block that a record changes: which, and with what. Immutable.
 *
 * <p>Tablespace, database and relation (the file's number, not the table's) are unsigned 32 bits.
 */
public final class BlockReference {
  /** Length of a page, in bytes: the only block size that is supported. */
  public static final int PAGE_BYTES = 8192;

  static final int IMAGE_HAS_HOLE = 0x01;
  static final int IMAGE_APPLY = 0x02;
  static final int IMAGE_PGLZ = 0x04;
  static final int IMAGE_LZ4 = 0x08;
  static final int IMAGE_ZSTD = 0x10;

  /**
   * Not PostgreSQL's: a value is for one page, and the images of other pages are left out of it.
   * Their headers stay.
   */
  static final int IMAGE_LEFT_OUT = 0x80;

  static final int IMAGE_COMPRESSED = IMAGE_PGLZ | IMAGE_LZ4 | IMAGE_ZSTD;

  final int id;
  final int forkFlags;
  final long spc;
  final long db;
  final long rel;
  final long block;
  final int imageLength;
  final int imageInfo;
  final int imageInfoAt;
  final int holeOffset;
  final int holeLength;
  final WalBytes image;
  final WalBytes data;

  /**
   * @param image the stored image, empty if there is none or it was not kept
   * @param data the data for this block, likewise
   */
  BlockReference(BlockHeader header, WalBytes image, WalBytes data) {
    id = header.id;
    forkFlags = header.forkFlags;
    spc = header.spc;
    db = header.db;
    rel = header.rel;
    block = header.block;
    imageLength = header.imageLength;
    imageInfo = header.imageInfo;
    imageInfoAt = header.imageInfoAt;
    holeOffset = header.holeOffset;
    holeLength = header.holeLength;
    this.image = image;
    this.data = data;
  }

  /** Returns the reference's number within its record, 0 to 32. */
  public int id() {
    return id;
  }

  /** Returns the tablespace. */
  public long spc() {
    return spc;
  }

  /** Returns the database, 0 for the shared relations. */
  public long db() {
    return db;
  }

  /** Returns the relation's file number. */
  public long rel() {
    return rel;
  }

  /** Returns the fork: 0 main, 1 free space map, 2 visibility map, 3 init. */
  public int fork() {
    return forkFlags & 0x0F;
  }

  /** Returns the block number, unsigned 32 bits. */
  public long block() {
    return block;
  }

  /** Returns whether the record holds an image of the page, applied or not. */
  public boolean hasImage() {
    return (forkFlags & 0x10) != 0;
  }

  /**
   * Returns whether the page after this record is the image. An image that is not applied is there
   * to be compared with ({@code wal_consistency_checking}).
   */
  public boolean isImageApplied() {
    return hasImage() && (imageInfo & IMAGE_APPLY) != 0;
  }

  /** Returns whether the image's bytes are not here, because the value is another page's. */
  public boolean isImageLeftOut() {
    return (imageInfo & IMAGE_LEFT_OUT) != 0;
  }

  /** Returns whether the record builds the page from nothing. */
  public boolean willInit() {
    return (forkFlags & 0x40) != 0;
  }

  /** Returns whether the record holds data for this block; an empty stretch if not. */
  public boolean hasData() {
    return (forkFlags & 0x20) != 0;
  }

  /** Returns the data for this block, empty if there is none. */
  public WalBytes data() {
    return data;
  }

  /** Returns the length of the stored image in bytes, compressed and without hole; 0 if none. */
  public int imageLength() {
    return imageLength;
  }

  /** Returns where in the page the hole begins that the stored image leaves out; 0 if none. */
  public int holeOffset() {
    return holeOffset;
  }

  /** Returns the length of the hole in bytes, 0 if there is none. */
  public int holeLength() {
    return holeLength;
  }

  /** Returns how the image is compressed. */
  public ImageCompression compression() {
    return ImageCompression.of(imageInfo);
  }

  /**
   * Returns the whole page of 8192 bytes as the record holds it: decompressed, the hole filled with
   * zeros, nothing else changed.
   *
   * @throws IllegalStateException if there is no image
   * @throws WalException if the image is damaged
   */
  public byte[] image() {
    if (!hasImage()) {
      throw new IllegalStateException("no image in this block reference: id=" + id);
    }
    if (isImageLeftOut()) {
      throw image.error("the image is not in this value, but in that of its page: block=" + id);
    }
    return PageImages.restore(this);
  }
}
