package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A layer file in memory, so that a test can damage it a hundred thousand times. */
final class MemoryFile implements LayerFileOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  static LayerFileInput input(byte[] content) {
    return new LayerFileInput() {
      @Override
      public String name() {
        return "memory";
      }

      @Override
      public long length() {
        return content.length;
      }

      @Override
      public void read(long position, ByteBuffer target) throws IOException {
        if (position < 0 || position > content.length - target.remaining()) {
          throw new EOFException("read outside the file: position=" + position);
        }
        target.put(content, (int) position, target.remaining());
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public long position() {
    return bytes.size();
  }

  @Override
  public void write(ByteBuffer source) {
    byte[] copy = new byte[source.remaining()];
    source.get(copy);
    bytes.writeBytes(copy);
  }

  @Override
  public void publish() {}

  @Override
  public void close() {}
}
