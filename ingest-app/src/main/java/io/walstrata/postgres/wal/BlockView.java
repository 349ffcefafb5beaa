package io.walstrata.postgres.wal;

/**
 * One block that a record changes, as {@link BlockReference}, but reused: part of a {@link
 * RecordView}. For one thread.
 */
public final class BlockView {
  final BlockHeader header = new BlockHeader();
  int imageStart;
  final ByteSpan data = new ByteSpan();

  BlockView() {}

  /** Returns the reference's number within its record, 0 to 32. */
  public int id() {
    return header.id;
  }

  public long spc() {
    return header.spc;
  }

  public long db() {
    return header.db;
  }

  public long rel() {
    return header.rel;
  }

  /** Returns the fork: 0 main, 1 free space map, 2 visibility map, 3 init. */
  public int fork() {
    return header.forkFlags & 0x0F;
  }

  /** Returns the block number, unsigned 32 bits. */
  public long block() {
    return header.block;
  }

  /** Returns whether the record holds an image of the page, applied or not. */
  public boolean hasImage() {
    return (header.forkFlags & 0x10) != 0;
  }

  /** Returns whether the page after this record is the image. */
  public boolean isImageApplied() {
    return hasImage() && (header.imageInfo & BlockReference.IMAGE_APPLY) != 0;
  }

  /** Returns whether the record builds the page from nothing. */
  public boolean willInit() {
    return (header.forkFlags & 0x40) != 0;
  }

  /** Returns whether the record holds data for this block. */
  public boolean hasData() {
    return (header.forkFlags & 0x20) != 0;
  }

  /** Returns the data for this block, empty if there is none. Valid until the next record. */
  public ByteSpan data() {
    return data;
  }
}
