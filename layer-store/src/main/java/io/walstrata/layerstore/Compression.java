package io.walstrata.layerstore;

/** The compression of a delta file's blocks. The ids are on disk and never change. */
public enum Compression {
  /** No compression. */
  NONE(0),
  /** LZ4, block format: fast, a little smaller. */
  LZ4(1),
  /** Zstandard: slower, smaller. */
  ZSTD(2);

  private final int id;

  Compression(int id) {
    this.id = id;
  }

  /** Returns the id in files. */
  public int id() {
    return id;
  }

  /**
   * Returns the compression with this id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Compression of(int id) {
    return switch (id) {
      case 0 -> NONE;
      case 1 -> LZ4;
      case 2 -> ZSTD;
      default -> throw new IllegalArgumentException("no such compression: id=" + id);
    };
  }
}
