package io.walstrata.layerstore.home;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A layer file being written, front to back, by one thread. */
public interface LayerFileOutput extends Closeable {
  /** Returns the name that the file will have. */
  String name();

  /** Returns the number of bytes written so far. */
  long position();

  /** Appends the rest of {@code bytes}. */
  void write(ByteBuffer bytes) throws IOException;

  /** Makes the file durable and visible under its name, and replaces a file of that name. */
  void publish() throws IOException;

  /** Closes the file, and deletes it unless it was published. */
  @Override
  void close() throws IOException;
}
