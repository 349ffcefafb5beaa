package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a segment file in order, unpacked. Never returns more than a segment, however much
 * the file unpacks to. Not thread-safe.
 */
public final class SegmentInput implements Closeable {
  private final WalFile file;
  private final int segmentBytes;
  private final InputStream in;
  private long position;

  /** Why nothing more can be read, if that is not the file's end. */
  private @Nullable IOException failure;

  private SegmentInput(WalFile file, int segmentBytes, InputStream in) {
    this.file = file;
    this.segmentBytes = segmentBytes;
    this.in = in;
  }

  /**
   * Opens a file.
   *
   * @param offset how many bytes to leave out
   */
  public static SegmentInput open(WalFile file, int segmentBytes, long offset) throws IOException {
    if (!file.isPacked() && Files.size(file.path()) > segmentBytes) {
      throw tooLong(file, segmentBytes, ", bytes=" + Files.size(file.path()));
    }
    SegmentInput input = new SegmentInput(file, segmentBytes, stream(file));
    try {
      input.skip(offset);
      return input;
    } catch (IOException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  private static InputStream stream(WalFile file) throws IOException {
    try {
      return file.open();
    } catch (IOException e) {
      if (file.isPartial() && file.isPacked()) {
        return InputStream.nullInputStream(); // Not even the packing's header is whole.
      }
      throw e;
    }
  }

  /** A packed file cannot be entered in the middle. */
  private void skip(long offset) throws IOException {
    if (!file.isPacked()) {
      position = Math.min(offset, Files.size(file.path()));
      in.skipNBytes(position);
      return;
    }
    byte[] unused = new byte[64 * 1024];
    int count = 0;
    while (position < offset && count >= 0) {
      count = read(unused, (int) Math.min(unused.length, offset - position));
    }
  }

  /** Returns how many bytes of the segment have been read or left out. */
  public long position() {
    return position;
  }

  /**
   * Reads the next bytes.
   *
   * @return how many bytes, -1 at the end of the file
   * @throws WalException if the file is longer than a segment
   * @throws IOException if the file cannot be read or unpacked; what a partial file cannot unpack
   *     is its end
   */
  public int read(byte[] chunk) throws IOException {
    return read(chunk, chunk.length);
  }

  private int read(byte[] chunk, int length) throws IOException {
    int filled = 0;
    int count = 0;
    while (failure == null && count >= 0 && filled < length) {
      try {
        count = in.read(chunk, filled, length - filled);
      } catch (IOException e) {
        failure = e;
        count = 0;
      }
      filled += Math.max(0, count);
    }
    position += filled;
    if (position > segmentBytes) {
      throw tooLong(file, segmentBytes, "");
    }
    if (filled == 0 && failure != null && !file.isPartial()) {
      throw new IOException("cannot read: file=" + file.path() + ", cause=" + failure, failure);
    }
    return filled == 0 ? -1 : filled;
  }

  private static WalException tooLong(WalFile file, int segmentBytes, String facts) {
    return new WalException(
        Lsn.of(file.startLsn(segmentBytes).value()),
        "file longer than a segment: file="
            + file.path()
            + facts
            + ", segmentBytes="
            + segmentBytes);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
