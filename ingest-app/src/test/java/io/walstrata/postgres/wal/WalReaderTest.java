package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalReaderTest {
  private static final long START = 3L * WalMaker.SEGMENT;

  private final WalMaker wal = new WalMaker(START);

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 24, 8192, 8193, 131072})
  void next_recordsOfAllSizesInAnyChunks(int chunkBytes) {
    for (int size = 0; size < 1000; size += 37) {
      wal.add(size, size);
    }
    wal.add(30_000, 5);
    wal.add(8, 6);

    byte[] bytes = wal.wal();
    List<WalRecord> records = Readers.read(new WalReader(Lsn.of(START)), START, bytes, chunkBytes);

    assertThat(Readers.starts(records)).isEqualTo(wal.starts);
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).bytes()).isEqualTo(wal.records.get(i));
      Lsn after = i + 1 < records.size() ? wal.starts.get(i + 1) : wal.position();
      // The next record starts at the end of this one, or after the page header that is there.
      assertThat(after.value() - records.get(i).endLsn().value()).isIn(0L, 24L, 40L);
    }
  }

  @Test
  void next_recordAcrossSegments() {
    wal.add(WalMaker.SEGMENT - 500, 1);
    Lsn crossing = wal.add(1000, 2);
    wal.add(10, 3);

    List<WalRecord> records = Readers.readAll(START, wal.wal());

    assertThat(records).hasSize(3);
    assertThat(records.get(1).lsn()).isEqualTo(crossing);
    assertThat(records.get(1).endLsn().value()).isGreaterThan(START + WalMaker.SEGMENT);
  }

  @Test
  void next_readsWhatTheSegmentHeaderSays() {
    wal.add(10, 1);
    WalReader reader = new WalReader(Lsn.of(START));
    Readers.read(reader, START, wal.wal(), 100);

    assertThat(reader.systemIdentifier()).isEqualTo(WalMaker.SYSTEM);
    assertThat(reader.segmentBytes()).isEqualTo(WalMaker.SEGMENT);
    assertThat(reader.version()).isEqualTo(PgVersion.V18);
    assertThat(reader.timeline()).isEqualTo(1);
  }

  @Test
  void start_atEveryPosition_givesTheRecordsFromThereOn() {
    for (int i = 0; i < 10; i++) {
      wal.add(i * 61, i);
    }
    wal.add(17_000, 1);
    wal.add(1, 1);
    byte[] bytes = wal.wal();

    for (long start = START; start < START + bytes.length; start += 8) {
      WalReader reader = new WalReader(Lsn.of(start), WalMaker.SEGMENT);
      long from = reader.wantedLsn().value();
      byte[] rest = Arrays.copyOfRange(bytes, (int) (from - START), bytes.length);
      Lsn at = Lsn.of(start);
      assertThat(Readers.starts(Readers.read(reader, from, rest, 8192)))
          .isEqualTo(wal.starts.stream().filter(lsn -> !lsn.isBefore(at)).toList());
    }
  }

  @Test
  void start_inTheMiddleOfALongRecord_needsNoPageBefore() {
    wal.add(50_000, 1);
    Lsn after = wal.add(10, 2);
    byte[] bytes = wal.wal();
    long from = START + 2 * WalMaker.PAGE;

    WalReader reader = new WalReader(Lsn.of(from));
    byte[] rest = Arrays.copyOfRange(bytes, 2 * WalMaker.PAGE, bytes.length);

    assertThat(Readers.starts(Readers.read(reader, from, rest, 999))).containsExactly(after);
  }

  @Test
  void switchRecord_endsTheSegment() {
    wal.add(10, 1);
    Lsn before = wal.addSwitch();
    Lsn after = wal.add(10, 2);

    List<WalRecord> records = Readers.readAll(START, wal.wal());

    assertThat(Readers.starts(records)).endsWith(before, after);
    assertThat(records.get(1).endLsn()).isEqualTo(Lsn.of(START + WalMaker.SEGMENT));
  }

  @Test
  void switchRecord_withoutSegmentSize_isHeldBackUntilTheNextSegment() {
    wal.add(10_000, 1);
    wal.addSwitch();
    wal.add(10, 2);
    byte[] bytes = wal.wal();
    // Begin after the segment header, which states the size.
    long from = START + WalMaker.PAGE;
    byte[] rest = Arrays.copyOfRange(bytes, WalMaker.PAGE, bytes.length);
    int toNextSegment = WalMaker.SEGMENT - WalMaker.PAGE;

    WalReader reader = new WalReader(Lsn.of(from));
    assertThat(Readers.read(reader, from, Arrays.copyOf(rest, toNextSegment), 5000)).isEmpty();
    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.NEED_MORE);

    reader.feed(reader.wantedLsn(), rest, toNextSegment, rest.length - toNextSegment);
    WalRecord held = reader.next();
    assertThat(held).isNotNull();
    assertThat(held.endLsn()).isEqualTo(Lsn.of(START + WalMaker.SEGMENT));
    assertThat(reader.next()).isNotNull();
  }

  @Test
  void abandonedRecord_isSkipped() {
    wal.add(100, 1);
    wal.addAbandoned(20_000);
    wal.add(100, 2);
    wal.add(30_000, 3);

    List<WalRecord> records = Readers.readAll(START, wal.wal());

    assertThat(Readers.starts(records)).isEqualTo(wal.starts);
  }

  @Test
  void end_afterTheLastRecord_needsMore() {
    wal.add(100, 1);
    WalReader reader = new WalReader(Lsn.of(START));
    Readers.read(reader, START, wal.wal(), 1000);

    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.NEED_MORE);
    assertThat(reader.end().lsn()).isEqualTo(wal.position());
    assertThat(reader.wantedLsn()).isEqualTo(wal.position());
  }

  @Test
  void end_withinARecord_needsMoreOfIt() {
    wal.add(100, 1);
    Lsn last = wal.add(9_000, 2);
    byte[] bytes = wal.wal();
    WalReader reader = new WalReader(Lsn.of(START));
    Readers.read(reader, START, Arrays.copyOf(bytes, bytes.length - 200), 1000);

    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.NEED_MORE_OF_RECORD);
    assertThat(reader.end().lsn()).isEqualTo(last);
  }

  @Test
  void end_blankRest_isTheEndOfTheLog() {
    wal.add(100, 1);
    WalReader reader = new WalReader(Lsn.of(START));

    assertThat(Readers.read(reader, START, wal.segment(), 8192)).hasSize(1);
    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.END_OF_LOG);
    assertThat(reader.end().lsn()).isEqualTo(wal.position());
  }

  @Test
  void end_pageOfAnOlderUseOfTheFile_isTheEndOfTheLog() {
    WalMaker old = new WalMaker(START - WalMaker.SEGMENT);
    old.add(100_000, 9);
    wal.add(WalMaker.PAGE - 40 - 24 - 2 - 3, 1);
    assertThat(wal.position().value() % WalMaker.PAGE).isZero();
    byte[] segment = old.segment();
    System.arraycopy(wal.wal(), 0, segment, 0, wal.wal().length);
    WalReader reader = new WalReader(Lsn.of(START));

    assertThat(Readers.read(reader, START, segment, 8192)).hasSize(1);
    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.END_OF_LOG);
    assertThat(reader.end().reason()).contains("older use");
  }

  @Test
  void end_blankPageWithinARecord_isTorn() {
    wal.add(100, 1);
    Lsn torn = wal.add(30_000, 2);
    byte[] segment = wal.segment();
    Arrays.fill(segment, 2 * WalMaker.PAGE, segment.length, (byte) 0);
    WalReader reader = new WalReader(Lsn.of(START));

    assertThat(Readers.read(reader, START, segment, 8192)).hasSize(1);
    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.TORN);
    assertThat(reader.end().lsn()).isEqualTo(torn);
    assertThat(reader.end().reason()).contains("missing=");
  }

  @Test
  void end_bytesAfterALengthOfZero_isTorn() {
    wal.add(100, 1);
    byte[] segment = wal.segment();
    segment[wal.wal().length + 100] = 1;
    WalReader reader = new WalReader(Lsn.of(START));

    assertThat(Readers.read(reader, START, segment, 8192)).hasSize(1);
    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.TORN);
  }

  @Test
  void damage_inARecord_namesIt() {
    wal.add(100, 1);
    Lsn bad = wal.add(100, 2);
    byte[] bytes = wal.wal();
    bytes[bytes.length - 20] ^= 1;
    WalReader reader = new WalReader(Lsn.of(START));
    reader.feed(Lsn.of(START), bytes, 0, bytes.length);

    assertThat(reader.next()).isNotNull();
    assertThatThrownBy(reader::next)
        .isInstanceOfSatisfying(WalException.class, e -> assertThat(e.lsn()).isEqualTo(bad))
        .hasMessageContaining("checksum")
        .hasMessageContaining("lsn=" + bad);
    assertThatThrownBy(reader::next).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void damage_impossibleLength() {
    wal.add(100, 1);
    assertBad(wal.wal(), 40, 23, "impossible record length");
  }

  @Test
  void damage_hugeLength_isRefusedByTheLinkToTheRecordBefore() {
    wal.add(100, 1);
    wal.add(100, 2);
    byte[] bytes = wal.wal();
    int second = (int) (wal.starts.get(1).value() - START);
    bytes[second + 10] ^= 1;
    assertBad(bytes, second + 3, 0x20, "does not follow the one before");
  }

  private static void assertBad(byte[] bytes, int offset, int value, String message) {
    bytes[offset] = (byte) value;
    assertThatThrownBy(() -> Readers.readAll(START, bytes))
        .isInstanceOf(WalException.class)
        .hasMessageContaining(message);
  }

  @Test
  void page_ofAnUnsupportedVersion() {
    WalMaker old = new WalMaker(START).magic(0xD10D);
    old.add(10, 1);
    assertThatThrownBy(() -> Readers.readAll(START, old.wal()))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("magic=D10D")
        .hasMessageContaining("15 to 18");
  }

  @Test
  void page_ofAnotherVersion() {
    wal.add(10_000, 1);
    byte[] bytes = wal.wal();
    LittleEndian.putU16(bytes, WalMaker.PAGE, PgVersion.V17.magic());
    assertThatThrownBy(() -> Readers.readAll(START, bytes))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("another major version");
  }

  @Test
  void page_ofAnotherCluster() {
    wal.add(WalMaker.SEGMENT, 1);
    byte[] bytes = wal.wal();
    bytes[WalMaker.SEGMENT + 24] ^= 1;
    assertThatThrownBy(() -> Readers.readAll(START, bytes))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("another cluster");
  }

  @Test
  void page_backToAnOlderTimeline() {
    wal.timeline(2).add(5_000, 1);
    wal.timeline(1).add(10_000, 1);
    assertThatThrownBy(() -> Readers.readAll(START, wal.wal()))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("older timeline");
  }

  @Test
  void page_onToANewerTimeline() {
    wal.add(5_000, 1);
    wal.timeline(2).add(10_000, 1);
    wal.add(10, 1);
    assertThat(Readers.readAll(START, wal.wal())).hasSize(3);
  }

  @Test
  void segmentSize_otherThanGiven() {
    wal.add(10, 1);
    WalReader reader = new WalReader(Lsn.of(START), 2 * WalMaker.SEGMENT);
    reader.feed(Lsn.of(START), wal.wal(), 0, wal.wal().length);
    assertThatThrownBy(reader::next)
        .isInstanceOf(WalException.class)
        .hasMessageContaining("another size");
  }

  @Test
  void segmentSize_impossible() {
    assertThatThrownBy(() -> new WalReader(Lsn.of(START), 12345))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void feed_gap_isRefused_overlap_isNot() {
    wal.add(100, 1);
    byte[] bytes = wal.wal();
    WalReader reader = new WalReader(Lsn.of(START));
    assertThatThrownBy(() -> reader.feed(Lsn.of(START + 8), bytes, 8, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gap");
    reader.feed(Lsn.of(START), bytes, 0, 50);
    reader.feed(Lsn.of(START), bytes, 0, bytes.length);
    assertThat(reader.next()).isNotNull();
  }
}
