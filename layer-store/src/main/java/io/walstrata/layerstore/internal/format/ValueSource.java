package io.walstrata.layerstore.internal.format;

import java.io.IOException;

/** Gives out the bytes of values. */
@FunctionalInterface
public interface ValueSource {
  /**
   * Copies the {@code length} bytes at {@code position}: a value, or several that lie side by side,
   * no longer together than {@link io.walstrata.layerstore.page.Value#MAX_BYTES}.
   */
  void copy(long position, byte[] target, int offset, int length) throws IOException;
}
