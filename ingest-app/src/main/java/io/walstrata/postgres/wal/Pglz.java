package io.walstrata.postgres.wal;

import org.jspecify.annotations.Nullable;

/**
 * Decompresses PostgreSQL's own format, pglz.
 *
 * <pre>
 * Stream  -> (Control Item{1,8})*      one control bit an item, lowest first
 * Item    -> Literal | Copy            0: Literal, 1: Copy
 * Literal -> 1 byte
 * Copy    -> b0 b1 [more]              length (b0 & 0x0F) + 3, if that is 18 then + more;
 *                                      distance (b0 & 0xF0) << 4 | b1, never 0
 * </pre>
 *
 * A copy may overlap its own output.
 */
final class Pglz {
  private static final int SHORTEST_COPY = 3;
  private static final int LENGTH_CONTINUES = 18;

  private Pglz() {}

  /** Fills {@code plain} to its end from all of {@code stored}; returns what is wrong, or null. */
  static @Nullable String decompress(byte[] stored, byte[] plain) {
    int in = 0;
    int out = 0;
    while (in < stored.length && out < plain.length) {
      int control = stored[in++] & 0xFF;
      for (int bit = 0; bit < 8 && in < stored.length && out < plain.length; bit++) {
        if ((control >>> bit & 1) == 0) {
          plain[out++] = stored[in++];
          continue;
        }
        if (in + 2 > stored.length) {
          return "ends within a copy";
        }
        int length = (stored[in] & 0x0F) + SHORTEST_COPY;
        int distance = ((stored[in] & 0xF0) << 4) | (stored[in + 1] & 0xFF);
        in += 2;
        if (length == LENGTH_CONTINUES) {
          if (in == stored.length) {
            return "ends within a copy";
          }
          length += stored[in++] & 0xFF;
        }
        if (distance == 0 || distance > out) {
          return "copy from outside, distance=" + distance + ", position=" + out;
        }
        // The last copy may announce more than there is room for; PostgreSQL cuts it too.
        for (int end = Math.min(out + length, plain.length); out < end; out++) {
          plain[out] = plain[out - distance];
        }
      }
    }
    if (out < plain.length || in < stored.length) {
      return "wrong length, expected="
          + plain.length
          + ", actual="
          + out
          + ", unread="
          + (stored.length - in);
    }
    return null;
  }
}
