package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;

/**
 * Packs a value's position in an ephemeral file, its length and its kind into one {@code long}:
 *
 * <pre>
 * position 35 bits | length 27 bits | kind 2 bits
 * </pre>
 */
public final class PackedPosition {
  /** First position that cannot be addressed: 32 GiB. */
  public static final long END_OF_POSITIONS = 1L << 35;

  private static final int KIND_BITS = 2;
  private static final int LENGTH_BITS = 27;
  private static final int POSITION_SHIFT = KIND_BITS + LENGTH_BITS;
  private static final int MAX_LENGTH = (1 << LENGTH_BITS) - 1;

  private PackedPosition() {}

  /**
   * Returns a packed position.
   *
   * @throws IllegalStateException if the position is too high
   */
  public static long of(long position, int length, ValueKind kind) {
    assert length >= 0 && length <= Value.MAX_BYTES && Value.MAX_BYTES < MAX_LENGTH
        : "length=" + length;
    if (position < 0 || position >= END_OF_POSITIONS) {
      throw new IllegalStateException(
          "ephemeral file is full, freeze sooner: position="
              + position
              + ", maxPosition="
              + (END_OF_POSITIONS - 1));
    }
    return position << POSITION_SHIFT | (long) length << KIND_BITS | kind.id();
  }

  public static long position(long packed) {
    return packed >>> POSITION_SHIFT;
  }

  public static int length(long packed) {
    return (int) (packed >>> KIND_BITS) & MAX_LENGTH;
  }

  public static ValueKind kind(long packed) {
    return ValueKind.of((int) packed & (1 << KIND_BITS) - 1);
  }
}
