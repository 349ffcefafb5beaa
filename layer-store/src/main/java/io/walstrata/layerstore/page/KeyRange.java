package io.walstrata.layerstore.page;

/**
 * A half-open range of keys: {@code startKey} inclusive, {@code endKey} exclusive.
 *
 * @param startKey first key of the range
 * @param endKey first key after the range; greater than {@code startKey}, {@link PageKey#MAX} for
 *     the end of the key space
 */
public record KeyRange(PageKey startKey, PageKey endKey) {
  /** Every key. */
  public static final KeyRange ALL = new KeyRange(PageKey.MIN, PageKey.MAX);

  /**
   * @throws IllegalArgumentException if the range is empty or reversed
   */
  public KeyRange {
    if (endKey.compareTo(startKey) <= 0) {
      throw new IllegalArgumentException(
          "endKey must be greater than startKey: startKey=" + startKey + ", endKey=" + endKey);
    }
  }

  /** Returns the range of one key, which must not be {@link PageKey#MAX}. */
  public static KeyRange of(PageKey key) {
    return new KeyRange(key, key.next());
  }

  public boolean contains(PageKey key) {
    return key.compareTo(startKey) >= 0 && key.compareTo(endKey) < 0;
  }

  public boolean overlaps(KeyRange other) {
    return startKey.compareTo(other.endKey) < 0 && other.startKey.compareTo(endKey) < 0;
  }

  /** Returns both keys in both text forms, for people; see {@link PageKey#describe}. */
  public String describe() {
    return startKey.describe() + " - " + endKey.describe();
  }

  /** Returns {@code startKey-endKey} in hexadecimal. */
  @Override
  public String toString() {
    return startKey + "-" + endKey;
  }
}
