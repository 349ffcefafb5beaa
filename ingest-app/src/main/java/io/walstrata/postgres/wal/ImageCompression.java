package io.walstrata.postgres.wal;

/** How a page image is stored in the WAL. */
public enum ImageCompression {
  NONE,
  PGLZ,
  LZ4,
  ZSTD,
  /** More than one method is flagged: such an image cannot be restored. */
  UNKNOWN;

  static ImageCompression of(int imageInfo) {
    return switch (imageInfo & BlockReference.IMAGE_COMPRESSED) {
      case 0 -> NONE;
      case BlockReference.IMAGE_PGLZ -> PGLZ;
      case BlockReference.IMAGE_LZ4 -> LZ4;
      case BlockReference.IMAGE_ZSTD -> ZSTD;
      default -> UNKNOWN;
    };
  }
}
