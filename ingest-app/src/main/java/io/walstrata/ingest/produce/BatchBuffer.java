package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalTimelineId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The entries and value bytes of the {@link WalBatch} that is being built. */
final class BatchBuffer {
  /** Avro: frame 5, timeline 16, claim 10, two array block counts, length of raw 5. */
  private static final int MESSAGE_OVERHEAD = 5 + 16 + 10 + 2 * 5 + 1 + 5;

  /** Avro: key 18, LSN at most 10, offset and length at most 5 each, flags 1. */
  private static final int ENTRY_OVERHEAD = PageKey.BYTES + 10 + 5 + 5 + 1;

  private static final int FIRST_CAPACITY = 1024;

  private List<WalBatchEntry> entries = new ArrayList<>();

  /** Grows as values are added: there may be a buffer for each of many timelines. */
  private byte[] raw = new byte[0];

  private int length;

  int entries() {
    return entries.size();
  }

  /** Returns the length of the message, at most. */
  int bytes() {
    return MESSAGE_OVERHEAD + entries.size() * ENTRY_OVERHEAD + length;
  }

  /** Returns the length of the message, at most, if one more value of this length were in it. */
  long sizeWith(int valueLength) {
    return (long) bytes() + ENTRY_OVERHEAD + valueLength;
  }

  /** Returns the length of a message, at most, with one value of this length. */
  static long sizeOfOne(int valueLength) {
    return (long) MESSAGE_OVERHEAD + ENTRY_OVERHEAD + valueLength;
  }

  void add(Lsn lsn, PageKey key, ValueKind kind, byte[] value) {
    entries.add(
        new WalBatchEntry(
            new WalPageKey(key.toBytes()), lsn.value(), length, value.length, kind.id()));
    if (raw.length - length < value.length) {
      raw = Arrays.copyOf(raw, capacityFor(Math.addExact(length, value.length)));
    }
    System.arraycopy(value, 0, raw, length, value.length);
    length += value.length;
  }

  private int capacityFor(int needed) {
    long doubled = Math.min(2L * raw.length, Integer.MAX_VALUE - 8);
    return (int) Math.max(Math.max(FIRST_CAPACITY, doubled), needed);
  }

  /**
   * Removes the first entries and returns them as a message.
   *
   * @param count 1 to {@link #entries}
   */
  WalBatch take(WalTimelineId timeline, int count, Lsn claim) {
    List<WalBatchEntry> taken = entries;
    List<WalBatchEntry> rest = new ArrayList<>();
    int cut = length;
    if (count < entries.size()) {
      rest.addAll(entries.subList(count, entries.size()));
      taken = new ArrayList<>(entries.subList(0, count));
      cut = rest.get(0).getOffset();
    }
    // A copy, although encoding copies again: the codec may keep the buffer while it encodes.
    WalBatch message =
        new WalBatch(timeline, claim.value(), taken, ByteBuffer.wrap(Arrays.copyOf(raw, cut)));
    System.arraycopy(raw, cut, raw, 0, length - cut);
    length -= cut;
    for (WalBatchEntry entry : rest) {
      entry.setOffset(entry.getOffset() - cut);
    }
    entries = rest;
    return message;
  }
}
