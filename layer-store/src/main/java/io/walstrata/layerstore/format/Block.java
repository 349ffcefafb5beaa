package io.walstrata.layerstore.format;

import static io.walstrata.layerstore.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.util.Arrays;

/** One block in memory: a table of entries with a fixed length, and the values behind it. */
final class Block {
  private final FileBytes bytes;
  private final int entries;
  private final int valuesAt;

  /** Checks the checksum and that the table and the values fill the block. */
  Block(FileBytes bytes) throws CorruptLayerException {
    bytes.checkTrailingChecksum("block");
    this.bytes = bytes;
    entries = bytes.i32(0);
    int valuesLength = bytes.i32(BLOCK_VALUES_LENGTH);
    long described =
        BLOCK_OVERHEAD
            + Integer.toUnsignedLong(entries) * ENTRY_LENGTH
            + Integer.toUnsignedLong(valuesLength);
    bytes.checkEqual(0, "block length", described, bytes.length());
    if (entries == 0) {
      throw bytes.corrupt(0, "entries of a block", "at least 1", 0);
    }
    valuesAt = BLOCK_ENTRIES + entries * ENTRY_LENGTH;
  }

  int entries() {
    return entries;
  }

  PageKey key(int entry) throws CorruptLayerException {
    return bytes.key(at(entry));
  }

  Lsn lsn(int entry) {
    return bytes.lsn(at(entry) + ENTRY_LSN);
  }

  /** Returns a copy of the value. */
  Value value(int entry) throws CorruptLayerException {
    int start = entry == 0 ? 0 : valueEnd(entry - 1);
    int end = valueEnd(entry);
    int valuesLength = bytes.length() - Checksum.BYTES - valuesAt;
    if (start < 0 || start > end || end > valuesLength) {
      throw bytes.corrupt(
          at(entry) + ENTRY_VALUE_END, "value end", start + " to " + valuesLength, end);
    }
    return new Value(
        kind(entry), Arrays.copyOfRange(bytes.array(), valuesAt + start, valuesAt + end));
  }

  private ValueKind kind(int entry) throws CorruptLayerException {
    int id = bytes.u8(at(entry) + ENTRY_KIND);
    try {
      return ValueKind.of(id);
    } catch (IllegalArgumentException e) {
      throw bytes.corrupt(at(entry) + ENTRY_KIND, "value kind", "0, 1 or 3", id);
    }
  }

  private int valueEnd(int entry) {
    return bytes.i32(at(entry) + ENTRY_VALUE_END);
  }

  private static int at(int entry) {
    return BLOCK_ENTRIES + entry * ENTRY_LENGTH;
  }

  /** Returns the last entry at or below (key, LSN); -1 if all are above. */
  int floor(PageKey key, Lsn lsn) throws CorruptLayerException {
    int low = 0;
    int high = entries - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = key(middle).compareTo(key);
      if (order == 0) {
        order = lsn(middle).compareTo(lsn);
      }
      if (order <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** Checks an entry against what the file says elsewhere. */
  void checkFirst(PageKey key, Lsn lsn) throws CorruptLayerException {
    bytes.checkEqual(BLOCK_ENTRIES, "first key of a block", key, key(0));
    bytes.checkEqual(BLOCK_ENTRIES + ENTRY_LSN, "first LSN of a block", lsn, lsn(0));
  }

  CorruptLayerException corrupt(int entry, String what, Object expected, Object actual) {
    return bytes.corrupt(at(entry), what, expected, actual);
  }
}
