package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a WAL segment file: 24 hexadecimal digits, the timeline and the segment's number in
 * two halves. The lower half counts to 2^32 divided by the segment size, so that a position in the
 * log follows from the name only together with that size.
 *
 * @param timeline unsigned 32 bits
 * @param high the upper 32 bits of the position
 * @param low number of the segment within those
 */
public record WalSegmentName(long timeline, long high, long low) {
  private static final Pattern NAME =
      Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(?:\\.partial)?");

  private static final long U32 = 1L << 32;

  /**
   * Returns the segment with this file name; {@code .partial} after it is allowed. Returns null if
   * the name is not that of a segment.
   */
  public static @Nullable WalSegmentName parse(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? new WalSegmentName(hex(matcher, 1), hex(matcher, 2), hex(matcher, 3))
        : null;
  }

  private static long hex(Matcher matcher, int group) {
    return Long.parseLong(matcher.group(group), 16);
  }

  /** Returns the segment of a timeline that holds a position. */
  public static WalSegmentName of(long timeline, Lsn lsn, int segmentBytes) {
    return new WalSegmentName(
        timeline, lsn.value() >>> 32, (lsn.value() & (U32 - 1)) / segmentBytes);
  }

  /**
   * Returns the segment's first position.
   *
   * @throws IllegalArgumentException if there is no such segment of this size
   */
  public Lsn startLsn(int segmentBytes) {
    if (low >= U32 / segmentBytes) {
      throw new IllegalArgumentException(
          "no such segment of this size: name=" + this + ", segmentBytes=" + segmentBytes);
    }
    return Lsn.of(high << 32 | low * segmentBytes);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%08X%08X%08X", timeline, high, low);
  }
}
