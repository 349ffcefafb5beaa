package io.walstrata.layerstore.io;

import java.io.IOException;

/** Gives out the bytes of values. */
@FunctionalInterface
public interface ValueSource {
  /** Copies the {@code length} bytes at {@code position}, all of one value. */
  void copy(long position, byte[] target, int offset, int length) throws IOException;
}
