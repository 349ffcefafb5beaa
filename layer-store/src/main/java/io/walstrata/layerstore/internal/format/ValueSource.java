package io.walstrata.layerstore.internal.format;

import java.io.IOException;

/** Copies the bytes of values. */
@FunctionalInterface
public interface ValueSource {
  /**
   * Copies the {@code length} bytes at {@code position}: a value, or several adjacent ones,
   * together no longer than {@link io.walstrata.layerstore.page.Value#MAX_BYTES}.
   */
  void copy(long position, byte[] target, int offset, int length) throws IOException;
}
