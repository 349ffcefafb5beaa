package io.walstrata.layerstore.page;

/** The kind of a value. The ids are on disk and never change. */
public enum ValueKind {
  /** The whole page. */
  IMAGE(0),
  /** A change to apply to an older version. */
  WAL_RECORD(1),
  /** A change that builds the page from nothing ({@code will_init}). */
  WAL_RECORD_WILL_INIT(3);

  private final int id;

  ValueKind(int id) {
    this.id = id;
  }

  /**
   * Returns the id in files and in the flags of a batch entry: bit 0 WAL record, bit 1 will_init.
   */
  public int id() {
    return id;
  }

  /** Returns whether a read needs older versions too. */
  public boolean needsOlder() {
    return this == WAL_RECORD;
  }

  /**
   * Returns the kind with this id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ValueKind of(int id) {
    return switch (id) {
      case 0 -> IMAGE;
      case 1 -> WAL_RECORD;
      case 3 -> WAL_RECORD_WILL_INIT;
      default -> throw new IllegalArgumentException("no such kind of value: id=" + id);
    };
  }
}
