package io.walstrata.schemas.serde;

import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** One message of each type, with values at the ends of their ranges. */
final class Messages {
  static final WalRecord RECORD =
      WalRecord.newBuilder()
          .setTimeline(timeline())
          .setLsn(0x16_B374_D848L)
          .setKey(key(7))
          .setKind(WalValueKind.WAL_RECORD)
          .setWillInit(true)
          .setValue(bytes(3))
          .build();
  static final WalBatch BATCH =
      WalBatch.newBuilder()
          .setTimeline(timeline())
          .setEndLsn(-2)
          .setEntries(
              List.of(
                  entry(1, 1, 0, 4, 0), entry(2, Long.MAX_VALUE, 4, 0, 1), entry(2, -2, 4, 300, 3)))
          .setRaw(bytes(304))
          .build();
  static final WalTombstone TOMBSTONE =
      WalTombstone.newBuilder()
          .setTimeline(timeline())
          .setLsn(Long.MIN_VALUE)
          .setStartKey(key(0))
          .setEndKey(new WalPageKey(filled(18, -1)))
          .build();
  static final WalProgress PROGRESS =
      WalProgress.newBuilder().setTimeline(timeline()).setLsn(1).build();

  static final List<SpecificRecord> ALL = List.of(RECORD, BATCH, TOMBSTONE, PROGRESS);

  private Messages() {}

  static WalTimelineId timeline() {
    byte[] id = new byte[16];
    for (int i = 0; i < id.length; i++) {
      id[i] = (byte) (0xF0 + i);
    }
    return new WalTimelineId(id);
  }

  static WalPageKey key(int block) {
    return new WalPageKey(
        ByteBuffer.allocate(18)
            .put((byte) 0)
            .putInt(1663)
            .putInt(5)
            .putInt(16384)
            .put((byte) 0)
            .putInt(block)
            .array());
  }

  private static WalBatchEntry entry(int block, long lsn, int offset, int length, int flags) {
    return new WalBatchEntry(key(block), lsn, offset, length, flags);
  }

  static ByteBuffer bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return ByteBuffer.wrap(bytes);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
