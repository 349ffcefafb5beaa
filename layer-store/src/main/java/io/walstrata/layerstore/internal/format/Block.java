package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.util.Arrays;

/**
 * A block in memory: runs of entries, a run for each key in order, an entry for each of its
 * versions in order. Immutable.
 */
final class Block {
  private final FileBytes body;
  private final int bodyAt; // the start of the body in the array
  private final int keys;
  private final int versions;
  private final int entriesAt;
  private final int valuesAt;

  /**
   * Reads a block: checks the checksum and the lengths, and decompresses the body.
   *
   * @param cost takes the heap for the decompressed body from the read's limit
   */
  Block(FileBytes block, CostCounter cost) throws CorruptLayerException {
    block.checkTrailingChecksum("block");
    int bodyLength = block.i32(BLOCK_BODY_LENGTH);
    int storedLength = block.length() - BLOCK_OVERHEAD;
    if (bodyLength < MIN_BODY || bodyLength > MAX_BODY) {
      throw block.corrupt(
          BLOCK_BODY_LENGTH, "body length", MIN_BODY + " to " + MAX_BODY, bodyLength);
    }
    Compression compression = compression(block);
    if (compression == Compression.NONE) {
      block.checkEqual(BLOCK_BODY_LENGTH, "body length", storedLength, bodyLength);
      body = block;
      bodyAt = BLOCK_STORED;
    } else {
      cost.unpack(bodyLength);
      body = block.with(decompress(block, compression, storedLength, bodyLength));
      bodyAt = 0;
    }
    keys = body.i32(bodyAt);
    versions = body.i32(bodyAt + BODY_VERSIONS);
    long tables = BODY_RUNS + (long) keys * RUN_LENGTH + (long) versions * ENTRY_LENGTH;
    if (keys < 1 || versions < keys || tables > bodyLength) {
      throw body.corrupt(
          bodyAt,
          "keys and versions of a block",
          "1 or more, and room for them in " + bodyLength + " bytes",
          keys + " and " + versions);
    }
    entriesAt = bodyAt + BODY_RUNS + keys * RUN_LENGTH;
    valuesAt = entriesAt + versions * ENTRY_LENGTH;
    body.checkEqual(runAt(keys - 1) + RUN_END, "last run's end", versions, runEnd(keys - 1));
    body.checkEqual(
        entryAt(versions - 1) + ENTRY_VALUE_END,
        "last value's end",
        bodyLength - tables,
        valueEnd(versions - 1));
  }

  private static Compression compression(FileBytes block) throws CorruptLayerException {
    try {
      return Compression.of(block.u8(0));
    } catch (IllegalArgumentException e) {
      throw block.corrupt(0, "compression", "0, 1 or 2", block.u8(0));
    }
  }

  private static byte[] decompress(
      FileBytes block, Compression compression, int storedLength, int bodyLength)
      throws CorruptLayerException {
    byte[] body = new byte[bodyLength];
    try {
      BlockCodec.decompress(compression, block.array(), BLOCK_STORED, storedLength, body);
      return body;
    } catch (RuntimeException e) {
      CorruptLayerException corrupt =
          block.corrupt(BLOCK_STORED, "compressed body", compression + " data", e.toString());
      corrupt.initCause(e);
      throw corrupt;
    }
  }

  private int runAt(int run) {
    return bodyAt + BODY_RUNS + run * RUN_LENGTH;
  }

  private int entryAt(int entry) {
    return entriesAt + entry * ENTRY_LENGTH;
  }

  private int runEnd(int run) {
    return body.i32(runAt(run) + RUN_END);
  }

  private int valueEnd(int entry) {
    return body.i32(entryAt(entry) + ENTRY_VALUE_END);
  }

  /** Returns the number of keys, at least 1. */
  int keys() {
    return keys;
  }

  /** Returns the number of versions, at least that of the keys. */
  int versions() {
    return versions;
  }

  PageKey key(int run) throws CorruptLayerException {
    return body.key(runAt(run));
  }

  /** Returns the first entry of a key. */
  int start(int run) throws CorruptLayerException {
    return run == 0 ? 0 : checkedEnd(run - 1, 0);
  }

  /** Returns the entry after the last one of a key, at least 1. */
  int end(int run) throws CorruptLayerException {
    return checkedEnd(run, start(run));
  }

  private int checkedEnd(int run, int start) throws CorruptLayerException {
    int end = runEnd(run);
    if (end <= start || end > versions) {
      throw body.corrupt(runAt(run) + RUN_END, "run end", start + 1 + " to " + versions, end);
    }
    return end;
  }

  Lsn lsn(int entry) {
    return Lsn.of(lsnValue(entry));
  }

  long lsnValue(int entry) {
    return body.i64(entryAt(entry));
  }

  /** Returns a copy of the value. */
  Value value(int entry) throws CorruptLayerException {
    int start = valueStart(entry);
    byte[] bytes = Arrays.copyOfRange(array(), start, start + valueLength(entry));
    return new Value(kind(entry), bytes);
  }

  /** Returns the start of the value in {@link #array()}. */
  int valueStart(int entry) throws CorruptLayerException {
    return valuesAt + (entry == 0 ? 0 : checkedValueEnd(entry - 1, 0));
  }

  int valueLength(int entry) throws CorruptLayerException {
    int start = valueStart(entry) - valuesAt;
    return checkedValueEnd(entry, start) - start;
  }

  private int checkedValueEnd(int entry, int start) throws CorruptLayerException {
    int end = valueEnd(entry);
    int max = valueEnd(versions - 1);
    if (end < start || end > max) {
      throw body.corrupt(entryAt(entry) + ENTRY_VALUE_END, "value end", start + " to " + max, end);
    }
    return end;
  }

  byte[] array() {
    return body.array();
  }

  ValueKind kind(int entry) throws CorruptLayerException {
    int id = body.u8(entryAt(entry) + ENTRY_KIND);
    try {
      return ValueKind.of(id);
    } catch (IllegalArgumentException e) {
      throw body.corrupt(entryAt(entry) + ENTRY_KIND, "value kind", "0, 1 or 3", id);
    }
  }

  /** Returns the last run whose key is at most a key; -1 if all are greater. */
  int floor(PageKey key) throws CorruptLayerException {
    int low = 0;
    int high = keys - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (key(middle).compareTo(key) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /**
   * Returns the last entry of a run whose LSN is at most an LSN; the entry before the run if all
   * are greater.
   */
  int floor(int run, Lsn lsn) throws CorruptLayerException {
    int low = start(run);
    int high = end(run) - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(lsnValue(middle), lsn.value()) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** Checks that the block begins with the key and LSN that the index states. */
  void checkFirst(PageKey key, Lsn lsn) throws CorruptLayerException {
    body.checkEqual(runAt(0), "first key of a block", key, key(0));
    body.checkEqual(entryAt(0), "first LSN of a block", lsn, lsn(0));
  }

  CorruptLayerException corruptKey(int run, String what, Object expected, Object actual) {
    return body.corrupt(runAt(run), what, expected, actual);
  }

  CorruptLayerException corruptEntry(int entry, String what, Object expected, Object actual) {
    return body.corrupt(entryAt(entry), what, expected, actual);
  }
}
