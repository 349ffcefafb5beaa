package io.walstrata.harness.soak;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;

/** Makes the messages of one timeline, which the seed decides alone, and its ledger. */
final class TimelineLoad {
  private static final int KEYS = 60;
  private static final int HOT_KEYS = 3;
  private static final long FIRST_LSN = 0x1_0000_0000L;

  private final TimelineId timeline;
  private final Random random;
  private final Ledger ledger = new Ledger();
  private final boolean[] hasPage = new boolean[KEYS];
  private long lsn = FIRST_LSN;

  TimelineLoad(TimelineId timeline, long seed) {
    this.timeline = timeline;
    this.random = new Random(seed);
  }

  TimelineId timeline() {
    return timeline;
  }

  Ledger ledger() {
    return ledger;
  }

  /** Returns the next message; the ledger has what is in it. */
  SpecificRecord next() {
    int dice = random.nextInt(100);
    if (dice < 35) {
      return record();
    }
    if (dice < 96) {
      return batch();
    }
    return dice < 98 ? tombstone() : progress();
  }

  /** Returns a message that comes too late, whatever else was sent: nothing has so low an LSN. */
  SpecificRecord late() {
    return new WalTombstone(
        avroTimeline(), FIRST_LSN - 1 - random.nextInt(1000), avro(key(0)), avro(key(1)));
  }

  private SpecificRecord record() {
    lsn += 1 + random.nextInt(1000);
    int number = key();
    Version version = version(number);
    ledger.add(key(number), version);
    Value value = version.value();
    return new WalRecord(
        avroTimeline(),
        lsn,
        avro(key(number)),
        value.kind() == ValueKind.IMAGE ? WalValueKind.IMAGE : WalValueKind.WAL_RECORD,
        value.kind() == ValueKind.WAL_RECORD_WILL_INIT,
        ByteBuffer.wrap(value.bytes()));
  }

  private SpecificRecord batch() {
    int count = 1 + random.nextInt(8);
    // One WAL record that changes several pages has one LSN; a batch has several records.
    boolean sameLsn = random.nextInt(5) == 0;
    int first = random.nextInt(KEYS);
    List<WalBatchEntry> index = new ArrayList<>();
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    lsn += 1 + random.nextInt(1000);
    for (int i = 0; i < count; i++) {
      if (!sameLsn && i > 0) {
        lsn += 1 + random.nextInt(1000);
      }
      int number = sameLsn ? (first + i) % KEYS : key();
      Version version = version(number);
      ledger.add(key(number), version);
      byte[] bytes = version.value().bytes();
      index.add(
          new WalBatchEntry(
              avro(key(number)), lsn, raw.size(), bytes.length, version.value().kind().id()));
      raw.writeBytes(bytes);
    }
    return new WalBatch(avroTimeline(), lsn, index, ByteBuffer.wrap(raw.toByteArray()));
  }

  /** Drops a tenth of the keys. */
  private SpecificRecord tombstone() {
    lsn += 1 + random.nextInt(1000);
    int first = random.nextInt(KEYS);
    int end = first + KEYS / 10;
    for (int number = first; number < Math.min(KEYS, end); number++) {
      hasPage[number] = false;
    }
    ledger.add(new Ledger.Tombstone(new KeyRange(key(first), key(end)), Lsn.of(lsn)));
    return new WalTombstone(avroTimeline(), lsn, avro(key(first)), avro(key(end)));
  }

  private SpecificRecord progress() {
    lsn += 1 + random.nextInt(1000);
    ledger.progress(Lsn.of(lsn));
    return new WalProgress(avroTimeline(), lsn);
  }

  private int key() {
    return random.nextInt(3) == 0 ? random.nextInt(HOT_KEYS) : random.nextInt(KEYS);
  }

  private Version version(int number) {
    int dice = random.nextInt(20);
    ValueKind kind;
    if (dice < (hasPage[number] ? 2 : 10)) {
      kind = ValueKind.IMAGE;
    } else if (hasPage[number]) {
      kind = dice < 4 ? ValueKind.WAL_RECORD_WILL_INIT : ValueKind.WAL_RECORD;
    } else {
      // Now and then a record that has nothing to build on.
      kind = dice == 19 ? ValueKind.WAL_RECORD : ValueKind.WAL_RECORD_WILL_INIT;
    }
    hasPage[number] |= kind != ValueKind.WAL_RECORD;
    byte[] bytes = new byte[length()];
    random.nextBytes(bytes);
    return new Version(Lsn.of(lsn), new Value(kind, bytes));
  }

  private int length() {
    int dice = random.nextInt(100);
    if (dice < 80) {
      return random.nextInt(300);
    }
    if (dice < 96) {
      return random.nextInt(2000);
    }
    return dice < 99 ? 8192 : random.nextInt(50_000);
  }

  private static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  private WalTimelineId avroTimeline() {
    return new WalTimelineId(timeline.toBytes());
  }

  private static WalPageKey avro(PageKey key) {
    return new WalPageKey(key.toBytes());
  }
}
