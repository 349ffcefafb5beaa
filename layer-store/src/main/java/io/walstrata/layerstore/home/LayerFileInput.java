package io.walstrata.layerstore.home;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An immutable file, open for reads at any position by many threads at once. */
public interface LayerFileInput extends Closeable {
  /** Returns the file's name for messages. */
  String name();

  /** Returns the file's length in bytes, as it was when the file was opened. */
  long length();

  /**
   * Fills the rest of {@code target} with the bytes from {@code position} on.
   *
   * @throws java.io.EOFException if the file ends before {@code target} is full
   */
  void read(long position, ByteBuffer target) throws IOException;
}
