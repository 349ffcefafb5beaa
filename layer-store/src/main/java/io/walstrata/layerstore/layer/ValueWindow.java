package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.io.EphemeralFile;
import java.io.IOException;
import java.util.Arrays;

/** Reads values of an ephemeral file that often lie side by side. For one thread. */
final class ValueWindow {
  /*
   * Values of keys that were written in order lie in the order of their keys, and a read call costs
   * more than the bytes that it gives. So where a value begins where the one before it ended, more
   * is read than is asked for, four times as much each time. Values that lie anywhere cost what
   * they would without this.
   */
  private static final int FIRST_BYTES = 1 << 10;
  private static final int MAX_BYTES = 64 << 10;

  private final EphemeralFile file;
  private final int maxBytes;
  private byte[] bytes = {};
  private long start; // of the bytes in the file
  private long lastEnd = -1; // of the value that was read last
  private int ahead;

  /**
   * @param maxBytes how much may be read ahead
   */
  ValueWindow(EphemeralFile file, int maxBytes) {
    this.file = file;
    this.maxBytes = Math.min(MAX_BYTES, maxBytes);
  }

  /** Returns a copy of a value. The caller has acquired the file. */
  byte[] read(long position, int length) throws IOException {
    long end = position + length;
    if (position < start || end > start + bytes.length) {
      ahead = position == lastEnd ? Math.min(maxBytes, Math.max(FIRST_BYTES, 4 * ahead)) : 0;
      if (ahead <= length) {
        lastEnd = end;
        return file.read(position, length);
      }
      bytes = file.readAhead(position, length, ahead);
      start = position;
    }
    lastEnd = end;
    int from = (int) (position - start);
    return Arrays.copyOfRange(bytes, from, from + length);
  }
}
