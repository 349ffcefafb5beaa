package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.rmgr.TransactionEnd.DroppedStats;
import io.walstrata.postgres.rmgr.TransactionEnd.Relation;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.WalBytes;
import java.util.ArrayList;
import java.util.List;

/** Reads the lists in Transaction records, one after the other. */
final class TransactionParts {
  private static final int XID_BYTES = 4;
  private static final int RELATION_BYTES = 12;
  private static final int INVALIDATION_BYTES = 16;

  private final PgVersion version;
  private final WalBytes data;
  private int offset;

  TransactionParts(PgVersion version, WalBytes data, int offset) {
    this.version = version;
    this.data = data;
    this.offset = offset;
  }

  /** Goes to the next multiple of 8. */
  TransactionParts align() {
    offset = (offset + 7) & -8;
    return this;
  }

  /** Skips bytes, then goes to the next multiple of 8. */
  void skip(int bytes) {
    offset += bytes;
    align();
  }

  int i32() {
    offset += 4;
    return data.i32(offset - 4);
  }

  long u32() {
    return i32() & 0xFFFFFFFFL;
  }

  long i64() {
    offset += 8;
    return data.i64(offset - 8);
  }

  /** Reads the number of elements of the list that follows. */
  int count() {
    int count = data.count(offset);
    offset += 4;
    return count;
  }

  String cString() {
    int at = offset;
    offset += data.cStringBytes(at);
    return data.cString(at);
  }

  List<Long> subxids(int count) {
    List<Long> subxids = list(count, XID_BYTES);
    for (int i = 0; i < count; i++) {
      subxids.add(u32());
    }
    return subxids;
  }

  List<Relation> relations(int count) {
    List<Relation> relations = list(count, RELATION_BYTES);
    for (int i = 0; i < count; i++) {
      relations.add(new Relation(u32(), u32(), u32()));
    }
    return relations;
  }

  /** From 18 on the object has 64 bits, lower half first. */
  List<DroppedStats> stats(int count) {
    boolean wide = version.atLeast(PgVersion.V18);
    List<DroppedStats> stats = list(count, wide ? 16 : 12);
    for (int i = 0; i < count; i++) {
      stats.add(new DroppedStats(i32(), u32(), wide ? i64() : u32()));
    }
    return stats;
  }

  List<WalBytes> invalidations(int count) {
    List<WalBytes> messages = list(count, INVALIDATION_BYTES);
    for (int i = 0; i < count; i++, offset += INVALIDATION_BYTES) {
      messages.add(data.slice(offset, INVALIDATION_BYTES));
    }
    return messages;
  }

  /** Makes an empty list, after a check that the elements are there. */
  private <T> List<T> list(int count, int elementBytes) {
    if (count > (data.length() - offset) / elementBytes) {
      throw data.error(
          "more elements announced than the record holds: offset=" + offset + ", count=" + count);
    }
    return new ArrayList<>(count);
  }
}
