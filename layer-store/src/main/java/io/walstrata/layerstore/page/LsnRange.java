package io.walstrata.layerstore.page;

/**
 * A half-open range of LSNs: {@code startLsn} inclusive, {@code endLsn} exclusive.
 *
 * @param startLsn first LSN of the range
 * @param endLsn first LSN after the range; greater than {@code startLsn}
 */
public record LsnRange(Lsn startLsn, Lsn endLsn) {
  /**
   * @throws IllegalArgumentException if the range is empty or reversed
   */
  public LsnRange {
    if (endLsn.compareTo(startLsn) <= 0) {
      throw new IllegalArgumentException(
          "endLsn must be greater than startLsn: startLsn=" + startLsn + ", endLsn=" + endLsn);
    }
  }

  public boolean contains(Lsn lsn) {
    return lsn.compareTo(startLsn) >= 0 && lsn.compareTo(endLsn) < 0;
  }

  /** Returns {@code startLsn..endLsn}. */
  @Override
  public String toString() {
    return startLsn + ".." + endLsn;
  }
}
