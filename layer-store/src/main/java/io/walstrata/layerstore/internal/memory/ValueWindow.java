package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads values of an ephemeral file that are often close together. For one thread. */
public final class ValueWindow {
  /*
   * Values of keys that were written in order are in the order of their keys, and those of one key
   * in that of their LSNs, which are read from the newest on. A read call costs more than the bytes
   * that it returns. So where a value is close to the one read before it, on either side, more is
   * read on that side than needed, four times as much each time. Values that are not close cost
   * what they would without this.
   */
  private static final int FIRST_BYTES = 1 << 10;
  private static final int MAX_BYTES = 64 << 10;

  /** Reading this many unneeded bytes between two values costs less than a call. */
  private static final int MAX_GAP_BYTES = 2 << 10;

  private final EphemeralFile file;
  private final int maxBytes;
  private byte[] bytes = {};
  private long start; // of the bytes in the file
  private long lastStart = -1; // of the value that was read last
  private long lastEnd = -1;
  private int ahead;

  /**
   * @param maxBytes how many bytes may be read ahead
   */
  public ValueWindow(EphemeralFile file, int maxBytes) {
    this.file = file;
    this.maxBytes = Math.min(MAX_BYTES, maxBytes);
  }

  /**
   * Returns a visitor of the index that passes a key's versions with their values to {@code
   * visitor}.
   */
  public VersionIndex.Visitor reading(PageKey key, VersionVisitor visitor, CostCounter cost) {
    return (keyHigh, keyLow, lsn, packedPosition) -> {
      int length = PackedPosition.length(packedPosition);
      cost.keep(length);
      cost.memoryRead(length);
      byte[] bytes = read(PackedPosition.position(packedPosition), length);
      return visitor.visit(key, Lsn.of(lsn), new Value(PackedPosition.kind(packedPosition), bytes));
    };
  }

  /** Returns a copy of a value. The caller has acquired the file. */
  byte[] read(long position, int length) throws IOException {
    long end = position + length;
    byte[] alone = position < start || end > start + bytes.length ? fetch(position, length) : null;
    lastStart = position;
    lastEnd = end;
    int from = (int) (position - start);
    return alone != null ? alone : Arrays.copyOfRange(bytes, from, from + length);
  }

  /** Moves the window to a value and returns null, or returns the value if it is read alone. */
  private byte @Nullable [] fetch(long position, int length) throws IOException {
    long end = position + length;
    boolean isAfter = isClose(position - lastEnd);
    boolean isBefore = isClose(lastStart - end);
    ahead = isAfter || isBefore ? Math.min(maxBytes, Math.max(FIRST_BYTES, 4 * ahead)) : 0;
    if (ahead <= length) {
      return file.read(position, length);
    }
    if (isAfter) {
      bytes = file.readAhead(position, length, ahead);
      start = position;
    } else {
      start = Math.max(0, end - ahead);
      bytes = file.read(start, (int) (end - start));
    }
    return null;
  }

  private boolean isClose(long gap) {
    return lastEnd >= 0 && gap >= 0 && gap <= MAX_GAP_BYTES;
  }
}
