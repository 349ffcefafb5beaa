package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.rmgr.WalText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Large records: which are kept, cut and refused, and what that takes of memory. */
class RecordLimitsTest {
  private static final long START = 5L * WalMaker.SEGMENT;
  private static final int RMGR_STANDBY = 8;
  private static final int RMGR_MESSAGE = 21;
  private static final int CHUNK = 128 * 1024;

  private final WalMaker wal = new WalMaker(START);

  /** A message without a prefix. */
  static RecordMaker message(byte[] payload) {
    return RecordMaker.record(RMGR_MESSAGE, 0)
        .main(
            RecordMaker.bytes(
                RecordMaker.u32(5),
                RecordMaker.u32(0),
                RecordMaker.u64(2),
                RecordMaker.u64(payload.length),
                new byte[] {'p', 0},
                payload));
  }

  private List<WalRecord> read(Lsn start, RecordLimits limits) {
    WalReader reader = new WalReader(start, WalMaker.SEGMENT, limits);
    byte[] bytes = wal.wal();
    return Readers.read(reader, START, bytes, CHUNK);
  }

  @Test
  void recordsThatChangeNoPage_areCut_andEverythingElseIsAsBefore() {
    wal.add(100, 1);
    wal.add(message(new byte[3_000_000]));
    wal.add(200_000, 2);
    wal.add(RecordMaker.record(RMGR_STANDBY, 0x20).main(new byte[50_000]));
    wal.add(message(new byte[100]));
    List<WalRecord> whole = read(Lsn.of(START), RecordLimits.NONE);
    List<WalRecord> records = read(Lsn.of(START), RecordLimits.ofPages(1 << 20));

    assertThat(Readers.starts(records)).isEqualTo(wal.starts);
    assertThat(records)
        .extracting(WalRecord::isCut)
        .containsExactly(false, true, false, true, false);
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).endLsn()).isEqualTo(whole.get(i).endLsn());
      assertThat(records.get(i).totalLength()).isEqualTo(whole.get(i).totalLength());
      assertThat(records.get(i).prevLsn()).isEqualTo(whole.get(i).prevLsn());
      assertThat(records.get(i).bytes().length).isLessThanOrEqualTo(1 << 20);
    }
    assertThat(new WalMapper().map(records.get(1)).isEmpty()).isTrue();
    assertThat(new WalMapper().map(records.get(1)).lsn()).isEqualTo(whole.get(1).endLsn());
    assertThatThrownBy(() -> records.get(1).toValue()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void cutRecord_takesNoMemory() throws Exception {
    wal.add(message(new byte[40 << 20]));
    wal.add(100, 1);
    byte[] bytes = wal.wal();
    List<WalRecord> records = new ArrayList<>();
    long allocated =
        Allocated.bytes(
            () -> {
              WalReader reader =
                  new WalReader(Lsn.of(START), WalMaker.SEGMENT, RecordLimits.ofPages(64 << 20));
              records.addAll(Readers.read(reader, START, bytes, CHUNK));
            });
    assertThat(Readers.starts(records)).isEqualTo(wal.starts);
    assertThat(allocated).isLessThan(4 << 20); // Page headers, and the input's buffer.
  }

  @Test
  void damageWithinACutRecord_isFound() {
    wal.add(message(new byte[3_000_000]));
    wal.add(100, 1);
    byte[] bytes = wal.wal();
    for (int at : new int[] {200, 1_500_000, 2_999_000}) {
      bytes[at] ^= 4;
      WalReader reader =
          new WalReader(Lsn.of(START), WalMaker.SEGMENT, RecordLimits.ofPages(1 << 20));
      assertThatThrownBy(() -> Readers.read(reader, START, bytes, CHUNK))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("checksum")
          .hasMessageContaining("lsn=0/500028");
      bytes[at] ^= 4;
    }
  }

  @Test
  void recordThatChangesPages_andIsTooLong_isNamed() {
    wal.add(100, 1);
    Lsn lsn =
        wal.add(RecordMaker.record(RecordMaker.RMGR_TRANSACTION, 0).main(new byte[2_000_000]));
    wal.add(100, 2);
    assertThatThrownBy(() -> read(Lsn.of(START), RecordLimits.ofPages(1 << 20)))
        .isInstanceOf(WalRecordTooLargeException.class)
        .hasMessageContaining("lsn=" + lsn)
        .hasMessageContaining("rmgr=Transaction")
        .hasMessageContaining("bytes=2000029")
        .hasMessageContaining("limit=1048576");
    assertThat(read(Lsn.of(START), RecordLimits.ofPages(2 << 20))).hasSize(3);
  }

  @Test
  void recordBeforeTheStart_isNeitherKeptNorRefused() {
    wal.add(RecordMaker.record(RecordMaker.RMGR_TRANSACTION, 0).main(new byte[2_000_000]));
    Lsn second = wal.add(100, 2);
    assertThat(Readers.starts(read(Lsn.of(START + 48), RecordLimits.ofPages(1 << 20))))
        .containsExactly(second);
  }

  @Test
  void forText_longerRecordsAreCut_notRefused() {
    Lsn lsn =
        wal.add(
            RecordMaker.record(RecordMaker.RMGR_HEAP, 0)
                .block(0, 0, 7, 0, new byte[100])
                .main(new byte[2_000_000]));
    WalRecord record = read(Lsn.of(START), RecordLimits.ofText(1 << 20)).get(0);
    assertThat(record.lsn()).isEqualTo(lsn);
    String line = new WalText(java.time.ZoneOffset.UTC).line(record);
    assertThat(line).contains("<too long to be described>").contains("rel 1663/5/16384 blk 7");
  }

  /** A damaged length neither allocates memory nor reports a record as too long. */
  @Test
  void claimedLengths_takeNoMemory() throws Exception {
    for (int i = 0; i < 40; i++) {
      wal.add(500, i);
    }
    byte[] good = wal.wal();
    long[] claims = {700_000, 16 << 20, 64 << 20, 1_000_000_000, WalRecord.MAX_BYTES};
    for (Lsn start : wal.starts) {
      for (long claim : claims) {
        byte[] bytes = good.clone();
        LittleEndian.putI32(bytes, (int) (start.value() - START), (int) claim);
        long allocated =
            Allocated.bytes(
                () -> {
                  WalReader reader =
                      new WalReader(Lsn.of(START), WalMaker.SEGMENT, RecordLimits.ofPages(1 << 20));
                  try {
                    Readers.read(reader, START, bytes, CHUNK);
                  } catch (WalException e) {
                    assertThat(e.getMessage()).isNotEmpty();
                  }
                });
        assertThat(allocated).isLessThan(20L * bytes.length + (1 << 20));
      }
    }
  }

  /** Whatever the bytes, memory is proportional to them. */
  @Test
  void randomBytes_takeMemoryInProportion() throws Exception {
    java.util.Random random = Seeds.random();
    for (int i = 0; i < 12; i++) {
      wal.add(random.nextInt(40_000), i);
    }
    byte[] good = wal.wal();
    for (int round = 0; round < 300; round++) {
      byte[] bytes = good.clone();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        int at = random.nextInt(bytes.length - 8);
        LittleEndian.putI32(bytes, random.nextBoolean() ? at : at & -8192, random.nextInt());
      }
      long allocated =
          Allocated.bytes(
              () -> {
                WalReader reader = new WalReader(Lsn.of(START), WalMaker.SEGMENT);
                try {
                  Readers.read(reader, START, bytes, CHUNK);
                } catch (WalException e) {
                  assertThat(e.getMessage()).isNotEmpty();
                }
              });
      assertThat(allocated).isLessThan(20L * bytes.length + (1 << 20));
    }
  }

  @Test
  void payloadOfACutMessage_isPrintedWhole() throws Exception {
    byte[] payload = new byte[1_500_000];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (i * 31 / 7);
    }
    wal.add(100, 1);
    wal.add(message(payload));
    wal.add(100, 2);
    java.nio.file.Path file = java.nio.file.Files.createTempDirectory("wal");
    List<java.nio.file.Path> files = new ArrayList<>();
    byte[] all = wal.segment();
    for (int i = 0; i * WalMaker.SEGMENT < all.length; i++) {
      files.add(
          java.nio.file.Files.write(
              file.resolve("00000001000000000000000" + (5 + i)),
              Arrays.copyOfRange(all, i * WalMaker.SEGMENT, (i + 1) * WalMaker.SEGMENT)));
    }
    WalText text = new WalText(java.time.ZoneOffset.UTC);
    List<String> expected =
        read(Lsn.of(START), RecordLimits.NONE).stream().map(text::line).toList();
    List<String> lines = new ArrayList<>();
    try (WalSegmentReader segments =
        WalSegmentReader.open(
            WalArchive.of(files).segments(), Lsn.INVALID, RecordLimits.ofText(1 << 20))) {
      for (WalRecord record = segments.next(); record != null; record = segments.next()) {
        StringBuilder line = new StringBuilder(text.start(record, /* withEnd= */ false));
        if (WalText.hasPayload(record)) {
          WalText.payload(record, segments, line::append);
        }
        lines.add(line.append(WalText.blockReferences(record)).toString());
      }
    }
    assertThat(lines).isEqualTo(expected);
  }
}
