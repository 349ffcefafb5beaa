package io.walstrata.ingest.pgwal;

/** How a page image is stored in the WAL. */
public enum PgCompression {
  NONE,
  PGLZ,
  LZ4,
  ZSTD,
  /** More than one method is flagged: such an image cannot be restored. */
  UNKNOWN;

  static PgCompression of(int imageInfo) {
    return switch (imageInfo & PgBlockReference.IMAGE_COMPRESSED) {
      case 0 -> NONE;
      case PgBlockReference.IMAGE_PGLZ -> PGLZ;
      case PgBlockReference.IMAGE_LZ4 -> LZ4;
      case PgBlockReference.IMAGE_ZSTD -> ZSTD;
      default -> UNKNOWN;
    };
  }
}
