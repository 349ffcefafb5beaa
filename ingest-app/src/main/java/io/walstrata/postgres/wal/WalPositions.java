package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;

/**
 * Arithmetic on positions in PostgreSQL's log: unsigned 64 bits, pages of 8192 bytes, segments of a
 * power of two. A position after the last one is an error, never one at the beginning.
 */
public final class WalPositions {
  private static final int PAGE_BYTES = WalPageHeader.PAGE_BYTES;

  private WalPositions() {}

  /** Returns the start of the page that holds this position. */
  public static Lsn pageStart(Lsn lsn) {
    return Lsn.of(lsn.value() & -(long) PAGE_BYTES);
  }

  /** Returns the offset of a position within its page, 0 to 8191. */
  static int inPage(long position) {
    return (int) (position & (PAGE_BYTES - 1));
  }

  /**
   * Returns the start of the segment that holds this position.
   *
   * @param segmentBytes a power of two
   */
  public static Lsn segmentStart(Lsn lsn, int segmentBytes) {
    return Lsn.of(lsn.value() & -(long) segmentBytes);
  }

  /** Returns whether a segment starts here; false if the size is not known, which is 0. */
  public static boolean isSegmentStart(Lsn lsn, int segmentBytes) {
    return segmentBytes != 0 && (lsn.value() & (segmentBytes - 1)) == 0;
  }

  /**
   * Returns the position that is {@code bytes} after another.
   *
   * @param bytes 0 or more
   * @throws WalException if it is 2^64 or more
   */
  public static Lsn plus(Lsn lsn, long bytes) {
    return Lsn.of(plus(lsn.value(), bytes));
  }

  static long plus(long position, long bytes) {
    long sum = position + bytes;
    if (Long.compareUnsigned(sum, position) < 0) {
      throw afterTheLast(position);
    }
    return sum;
  }

  /**
   * Returns the next multiple of a power of two, or the position itself if it is one.
   *
   * @throws WalException if it is 2^64
   */
  static long roundUp(long position, long powerOfTwo) {
    return plus(position, -position & (powerOfTwo - 1));
  }

  /**
   * Returns where the record starts that follows one which ends here: after the page header if a
   * page starts here.
   *
   * @param segmentBytes size of a segment, 0 if not known
   * @throws WalException if that is 2^64 or more
   */
  public static Lsn nextRecord(Lsn recordEnd, int segmentBytes) {
    if (inPage(recordEnd.value()) != 0) {
      return recordEnd;
    }
    return plus(
        recordEnd,
        isSegmentStart(recordEnd, segmentBytes)
            ? WalPageHeader.LONG_BYTES
            : WalPageHeader.SHORT_BYTES);
  }

  private static WalException afterTheLast(long position) {
    return new WalException(
        Lsn.of(position), "the log continues after the last position that an LSN can hold");
  }
}
