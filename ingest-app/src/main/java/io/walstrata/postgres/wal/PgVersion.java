package io.walstrata.postgres.wal;

import org.jspecify.annotations.Nullable;

/** A major version of PostgreSQL whose WAL this package reads, known by the magic of its pages. */
public enum PgVersion {
  V15(15, 0xD110),
  V16(16, 0xD113),
  V17(17, 0xD116),
  V18(18, 0xD118);

  /** Looking for a version is done for each record that is read, and must not copy the list. */
  private static final PgVersion[] ALL = values();

  private final int major;
  private final int magic;

  PgVersion(int major, int magic) {
    this.major = major;
    this.magic = magic;
  }

  /** Returns the major version, for instance 18. */
  public int major() {
    return major;
  }

  /** Returns the number that WAL pages of this version start with. */
  public int magic() {
    return magic;
  }

  public boolean atLeast(PgVersion other) {
    return major >= other.major;
  }

  /** Returns the version with this page magic, or null for one that is not supported. */
  public static @Nullable PgVersion ofMagic(int magic) {
    for (PgVersion version : ALL) {
      if (version.magic == magic) {
        return version;
      }
    }
    return null;
  }

  /** Returns what is supported, for messages. */
  static String supported() {
    return V15.major + " to " + V18.major;
  }
}
