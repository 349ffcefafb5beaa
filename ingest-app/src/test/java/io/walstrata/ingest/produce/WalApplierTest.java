package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.produce.TimelineWriter.Settings;
import io.walstrata.ingest.produce.TimelineWriter.Style;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Seeds;
import io.walstrata.postgres.wal.WalMaker;
import io.walstrata.postgres.wal.WalPositions;
import io.walstrata.postgres.wal.WalReader;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.schemas.WalProgress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That log which is read continues what is claimed, and that reading it again changes nothing. */
class WalApplierTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final long START = 3L * WalMaker.SEGMENT;

  private final MessageCodec codec = Codecs.withMockRegistry("wal-applier");

  /** An applier, with what it sends. */
  private final class Run {
    private final MockProducer<byte[], byte[]> kafka =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final List<Integer> timelines = new ArrayList<>();
    private final TimelineWriter writer;
    private final WalApplier applier;

    Run(ResumePosition held, Lsn start) {
      writer =
          new TimelineWriter(
              TIMELINE,
              route(held.postgresTimeline().orElse(1)),
              held.claim(),
              held.mark().orElse(null),
              new KafkaTarget(kafka, codec, "t", 1 << 20, InstantSource.system()),
              new Settings(Style.BATCH, 1, 0, 0),
              () -> 0);
      applier =
          new WalApplier(
              writer,
              new WalMapper(),
              held,
              /* maxRecordBytes= */ 1 << 20,
              start,
              WalMaker.SEGMENT,
              Lsn.MAX,
              number -> {
                timelines.add(number);
                writer.route(route(number));
              });
    }

    private KafkaTarget.Route route(int number) {
      return new KafkaTarget.Route(0, TIMELINE, PostgresHeaders.of(number));
    }

    /** Applies log that begins at an LSN, from where the topic lacks it up to an end. */
    void apply(int timeline, long start, byte[] log, Lsn end) {
      long from = applier.wantedLsn().value();
      int count = (int) (end.value() - from);
      if (count > 0) {
        ByteBuffer wal = ByteBuffer.wrap(log, (int) (from - start), count).slice();
        applier.apply(timeline, Lsn.of(from), wal);
      }
      writer.flush();
    }

    void applyAll(long start, byte[] log) {
      apply(1, start, log, Lsn.of(start + log.length));
    }

    /** What the last message claims. */
    ResumePosition position() {
      var last = kafka.history().get(kafka.history().size() - 1);
      WalProgress claim = (WalProgress) codec.decode("t", last.value());
      return held(
          Lsn.of(claim.getLsn()),
          PostgresHeaders.timeline(last.headers()).getAsInt(),
          PostgresHeaders.mark(last.headers()));
    }
  }

  private static ResumePosition held(Lsn claim, int timeline, Optional<RecordMark> mark) {
    return new ResumePosition(0, claim, OptionalInt.of(timeline), mark, Lsn.INVALID, 0);
  }

  private static ResumePosition nothing() {
    return new ResumePosition(
        0, Lsn.INVALID, OptionalInt.empty(), Optional.empty(), Lsn.INVALID, 0);
  }

  private static List<WalRecord> records(long start, byte[] log) {
    WalReader reader = new WalReader(Lsn.of(start), WalMaker.SEGMENT);
    reader.feed(Lsn.of(start), log, 0, log.length);
    List<WalRecord> records = new ArrayList<>();
    for (WalRecord next = reader.next(); next != null; next = reader.next()) {
      records.add(next);
    }
    return records;
  }

  private static ResumePosition after(WalRecord record, boolean marked) {
    return held(
        record.endLsn(),
        1,
        marked ? Optional.of(RecordMark.of(record, null, record.lsn())) : Optional.empty());
  }

  /** Two promotions, with the claim before, at and after each: all of it in one page. */
  @Test
  void resumeInThePageOfAPromotion_keepsTheClaimsTimeline() {
    promotions(START);
  }

  /** A promotion at the end of a page, of a segment, and far on. */
  @ParameterizedTest
  @ValueSource(ints = {0, WalMaker.PAGE, WalMaker.SEGMENT})
  void resumeNearAPromotionAtTheEndOfAPage_keepsTheClaimsTimeline(int before) {
    for (long base : new long[] {START, (1L << 63) - WalMaker.SEGMENT, -4L * WalMaker.SEGMENT}) {
      WalMaker wal = new WalMaker(base);
      if (before > 0) {
        int headers = 40 + (before / WalMaker.PAGE - 1) * 24;
        wal.add(before - headers - 29 - 2 * 48, 1); // Two small records end with the page.
        WalMaker copy = new WalMaker(base);
        copy.add(before - headers - 29 - 2 * 48, 1);
        copy.add(20, 0);
        copy.add(20, 1);
        assertThat(copy.position()).isEqualTo(Lsn.of(base + before));
      }
      promotions(base, wal);
    }
  }

  private void promotions(long base) {
    WalMaker wal = new WalMaker(base);
    wal.add(20, 1);
    promotions(base, wal);
  }

  private void promotions(long base, WalMaker wal) {
    for (int i = 0; i < 6; i++) {
      wal.add(20, i);
    }
    byte[] log = wal.wal();
    List<WalRecord> records = records(base, log);
    int count = records.size();
    Lsn firstSwitch = records.get(count - 5).endLsn();
    Lsn secondSwitch = records.get(count - 3).endLsn();
    for (int claimed = 0; claimed < count; claimed++) {
      Lsn claim = records.get(claimed).endLsn();
      int timeline = timelineOf(claim, firstSwitch, secondSwitch);
      Run run =
          new Run(held(claim, timeline, Optional.of(markOf(records, claimed, claimed))), claim);
      int known = timeline;
      Lsn end = Lsn.of(base + log.length);
      Lsn[] ends = {firstSwitch, secondSwitch, end};
      for (int part = 1; part <= 3; part++) {
        run.apply(part, base, log, ends[part - 1]);
        int seen = run.applier.postgresTimeline();
        known = seen == 0 ? known : seen;
        // What a reconnect would check: that the claim lies before the end of its timeline.
        assertThat(known).isGreaterThanOrEqualTo(timeline);
        assertThat(known)
            .isEqualTo(Math.max(timeline, timelineOf(run.applier.readLsn(), ends[0], ends[1])));
      }
      assertThat(run.timelines).isSorted().allMatch(number -> number >= timeline);
      assertThat(run.applier.records()).isEqualTo(count - 1 - claimed);
      if (claimed < count - 1) {
        assertThat(run.position())
            .isEqualTo(
                held(
                    records.get(count - 1).endLsn(),
                    3,
                    Optional.of(markOf(records, claimed, count - 1))));
      }
    }
  }

  /** The mark of the last of some records. */
  private static RecordMark markOf(List<WalRecord> records, int first, int last) {
    RecordMark mark = null;
    for (WalRecord record : records.subList(first, last + 1)) {
      mark = RecordMark.of(record, mark, records.get(first).lsn());
    }
    return Objects.requireNonNull(mark);
  }

  /** The timeline of the record that ends there. */
  private static int timelineOf(Lsn end, Lsn firstSwitch, Lsn secondSwitch) {
    return !firstSwitch.isBefore(end) ? 1 : !secondSwitch.isBefore(end) ? 2 : 3;
  }

  /** One history up to a place, and two from there on, with the same lengths or others. */
  private static byte[][] histories(long base, Random random, int shared, boolean sameLengths) {
    long seed = random.nextLong();
    byte[][] logs = new byte[2][];
    for (int history = 0; history < 2; history++) {
      Random content = new Random(seed);
      WalMaker wal = new WalMaker(base);
      for (int i = 0; i < 40; i++) {
        boolean differs = i >= shared && history == 1;
        int length = 30 + content.nextInt(1 << content.nextInt(15));
        wal.add(length + (differs && !sameLengths ? 8 : 0), differs ? 99 : i);
      }
      logs[history] = wal.wal();
    }
    return logs;
  }

  @ParameterizedTest
  @ValueSource(
      longs = {START, (1L << 31) - WalMaker.SEGMENT, (1L << 63) - WalMaker.SEGMENT, -4L << 20})
  void anotherHistory_isRefused_andTheSameIsNot(long base) {
    Random random = Seeds.random();
    for (int round = 0; round < 30; round++) {
      int shared = random.nextInt(40);
      boolean sameLengths = random.nextBoolean();
      byte[][] logs = histories(base, random, shared, sameLengths);
      List<WalRecord> claimedLog = records(base, logs[0]);
      int claimed = random.nextInt(40);
      Run same = new Run(after(claimedLog.get(claimed), true), Lsn.INVALID);
      same.applyAll(base, logs[0]);
      assertThat(same.applier.records()).isEqualTo(39 - claimed);
      assertThat(same.applier.continuesClaim()).isTrue();

      Run other = new Run(after(claimedLog.get(claimed), true), Lsn.INVALID);
      if (claimed < shared) {
        other.applyAll(base, logs[1]); // The claim is from before they part.
        assertThat(other.applier.records()).isEqualTo(39 - claimed);
      } else {
        assertThatThrownBy(() -> other.applyAll(base, logs[1]))
            .isInstanceOf(ProduceException.class)
            .hasMessageContaining("claim=" + claimedLog.get(claimed).endLsn())
            .hasMessageContaining("not the one that the topic was filled from");
        assertThat(other.applier.records()).isZero();
      }
    }
  }

  /** As two servers do that were restored from one backup: their last records are the same. */
  @Test
  void anotherHistoryWithTheSameLastRecords_isRefused() {
    byte[][] logs = new byte[2][];
    for (int history = 0; history < 2; history++) {
      WalMaker wal = new WalMaker(START);
      wal.add(100, 1);
      wal.add(100, 10 + history);
      wal.add(RecordMaker.record(1, 0).main(RecordMaker.u64(1000 + history))); // COMMIT
      wal.add(200_000, 2);
      wal.add(100, 3);
      wal.add(100, 4);
      logs[history] = wal.wal();
    }
    List<WalRecord> records = records(START, logs[0]);
    for (int read = 1; read <= 6; read++) {
      Run run = new Run(nothing(), Lsn.of(START));
      run.apply(1, START, logs[0], records.get(read - 1).endLsn());
      ResumePosition claim = run.position();
      Run same = new Run(claim, Lsn.INVALID);
      same.applyAll(START, logs[0]);
      assertThat(same.applier.records()).isEqualTo(6 - read);
      Run other = new Run(claim, Lsn.INVALID);
      run.applier.restart(WalPositions.pageStart(run.applier.rereadLsn()));
      for (Run again : read == 1 ? List.<Run>of() : List.of(other, run)) {
        assertThatThrownBy(() -> again.applyAll(START, logs[1]))
            .isInstanceOf(ProduceException.class)
            .hasMessageContaining("not the one that the topic was filled from");
      }
      if (read == 1) {
        other.applyAll(START, logs[1]); // The claim is from before they part.
        assertThat(other.applier.records()).isEqualTo(5);
      }
    }
  }

  /** What is read again does not grow with the time since the last transaction. */
  @Test
  void anchor_isNoFurtherThanTheStartOfTheMebibyte() {
    WalMaker wal = new WalMaker(START);
    wal.add(RecordMaker.record(1, 0).main(RecordMaker.u64(1000))); // COMMIT
    for (int i = 0; i < 60; i++) {
      wal.add(50_000, i);
    }
    Run run = new Run(nothing(), Lsn.of(START));
    RecordMark before = null;
    for (WalRecord record : records(START, wal.wal())) {
      run.apply(1, START, wal.wal(), record.endLsn());
      RecordMark mark = run.position().mark().orElseThrow();
      assertThat(mark.startLsn()).isEqualTo(record.lsn());
      assertThat(mark.anchorLsn().value() >>> 20).isEqualTo(record.lsn().value() >>> 20);
      if (before != null && before.startLsn().value() >>> 20 == record.lsn().value() >>> 20) {
        assertThat(mark.anchorLsn()).isEqualTo(before.anchorLsn());
      }
      before = mark;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {START, -4L << 20})
  void claimWithoutMark_needsARecordThatEndsThere(long base) {
    Random random = Seeds.random();
    for (int round = 0; round < 30; round++) {
      byte[][] logs = histories(base, random, 5, /* sameLengths= */ false);
      List<WalRecord> claimedLog = records(base, logs[0]);
      List<WalRecord> otherLog = records(base, logs[1]);
      WalRecord claimed = claimedLog.get(5 + random.nextInt(30));
      Run same = new Run(after(claimed, false), Lsn.INVALID);
      same.applyAll(base, logs[0]);
      assertThat(same.applier.readLsn()).isEqualTo(claimedLog.get(39).endLsn());
      assertThat(same.applier.records()).isEqualTo(39 - claimedLog.indexOf(claimed));

      boolean endsThere = otherLog.stream().anyMatch(r -> r.endLsn().equals(claimed.endLsn()));
      Run other = new Run(after(claimed, false), Lsn.INVALID);
      if (endsThere) {
        assertThatCode(() -> other.applyAll(base, logs[1])).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> other.applyAll(base, logs[1]))
            .isInstanceOf(ProduceException.class);
        assertThat(other.applier.records()).isZero();
      }
    }
  }

  @Test
  void claimAtTheEndOfAPage_isCompared() {
    WalMaker wal = new WalMaker(START);
    wal.add(WalMaker.PAGE - 40 - 24 - 2 - 3, 1);
    assertThat(WalPositions.pageStart(wal.position())).isEqualTo(wal.position());
    wal.add(100, 2);
    byte[] log = wal.wal();
    WalRecord first = records(START, log).get(0);
    for (boolean marked : new boolean[] {true, false}) {
      Run run = new Run(after(first, marked), Lsn.INVALID);
      run.applyAll(START, log);
      assertThat(run.applier.records()).isEqualTo(1);
    }
  }

  @Test
  void claimAtASwitchRecord_isCompared() {
    WalMaker wal = new WalMaker(START);
    wal.add(100, 1);
    wal.addSwitch();
    wal.add(100, 2);
    byte[] log = wal.wal();
    WalRecord switched = records(START, log).get(1);
    for (boolean marked : new boolean[] {true, false}) {
      Run run = new Run(after(switched, marked), Lsn.INVALID);
      run.applyAll(START, log);
      assertThat(run.applier.records()).isEqualTo(1);
    }
    ResumePosition other =
        held(
            switched.endLsn(),
            1,
            Optional.of(
                new RecordMark(
                    switched.lsn(),
                    switched.prevLsn(),
                    ~switched.crc(),
                    switched.lsn(),
                    ~switched.crc(),
                    Lsn.INVALID)));
    assertThatThrownBy(() -> new Run(other, Lsn.INVALID).applyAll(START, log))
        .isInstanceOf(ProduceException.class);
  }

  @Test
  void claimBeforeAnAbandonedRecord_resumesAfterIt() {
    WalMaker wal = new WalMaker(START);
    wal.add(WalMaker.PAGE, 1);
    Lsn abandoned = wal.addAbandoned(20_000);
    wal.add(
        RecordMaker.record(RecordMaker.RMGR_XLOG, 0xD0)
            .main(RecordMaker.bytes(RecordMaker.u64(abandoned.value()), new byte[8])));
    byte[] log = wal.wal();
    WalRecord before = records(START, log).get(0);
    for (boolean marked : new boolean[] {true, false}) {
      Run run = new Run(after(before, marked), Lsn.INVALID);
      run.applyAll(START, log);
      assertThat(run.applier.records()).isEqualTo(1);
    }
  }

  /** The record at the claim begins in a segment that a slot or an archive need not keep. */
  @Test
  void claimWhoseRecordsSegmentIsGone_isComparedWithTheNextRecord() {
    WalMaker wal = new WalMaker(START);
    wal.add(WalMaker.SEGMENT - 500 - 128 * 24, 1);
    wal.add(1_000, 2);
    wal.add(10, 3);
    byte[] log = wal.wal();
    WalRecord crossing = records(START, log).get(1);
    Lsn first = Lsn.of(START + WalMaker.SEGMENT);

    Run run = new Run(after(crossing, true), Lsn.INVALID);
    run.applier.restart(first);
    assertThat(run.applier.wantedLsn()).isEqualTo(WalPositions.pageStart(crossing.endLsn()));
    run.applyAll(START, log);
    assertThat(run.applier.records()).isEqualTo(1);

    RecordMark elsewhere =
        new RecordMark(
            Lsn.of(crossing.lsn().value() - 8),
            Lsn.of(START),
            0,
            Lsn.of(crossing.lsn().value() - 8),
            0,
            Lsn.INVALID);
    Run other = new Run(held(crossing.endLsn(), 1, Optional.of(elsewhere)), Lsn.INVALID);
    other.applier.restart(first);
    assertThatThrownBy(() -> other.applyAll(START, log))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("follows another one");
  }

  /**
   * After pg_resetwal the log continues in the next segment, with a record that has none before.
   */
  @Test
  void logThatWasReset_isRefused() {
    WalMaker wal = new WalMaker(START);
    wal.add(100, 1);
    wal.addSwitch();
    wal.prev(Lsn.INVALID).add(100, 2);
    byte[] log = wal.wal();
    long second = START + WalMaker.SEGMENT;
    byte[] rest = java.util.Arrays.copyOfRange(log, WalMaker.SEGMENT, log.length);
    WalRecord switched = records(START, java.util.Arrays.copyOf(log, WalMaker.SEGMENT)).get(1);
    for (boolean marked : new boolean[] {true, false}) {
      Run run = new Run(after(switched, marked), Lsn.INVALID);
      run.applier.restart(Lsn.of(second));
      assertThatThrownBy(() -> run.applyAll(second, rest)).isInstanceOf(ProduceException.class);
    }
  }

  /** A connection that is made again may lead to another server. */
  @Test
  void restart_comparesTheLastRecordRead() {
    Random random = Seeds.random();
    byte[][] logs = histories(START, random, 20, /* sameLengths= */ true);
    List<WalRecord> records = records(START, logs[0]);
    for (int read : new int[] {1, 19, 20, 21, 30}) {
      Run run = new Run(nothing(), Lsn.of(START));
      run.apply(1, START, logs[0], Lsn.of(records.get(read).endLsn().value() + 16));
      assertThat(run.applier.readLsn()).isEqualTo(records.get(read).endLsn());
      Lsn from = WalPositions.pageStart(run.applier.rereadLsn());
      run.applier.restart(from);
      assertThat(run.applier.wantedLsn()).isEqualTo(from);
      if (read < 20) {
        run.applyAll(START, logs[1]);
        assertThat(run.applier.records()).isEqualTo(40);
      } else {
        assertThatThrownBy(() -> run.applyAll(START, logs[1])).isInstanceOf(ProduceException.class);
        assertThat(run.applier.records()).isEqualTo(read + 1);
      }
    }
  }

  @Test
  void newTimeline_beginsAnywhere() {
    byte[][] logs = histories(START, Seeds.random(), 40, true);
    List<WalRecord> records = records(START, logs[0]);
    Lsn within = Lsn.of(records.get(7).lsn().value() + 8);
    Run run = new Run(nothing(), within);
    run.applyAll(START, logs[0]);
    assertThat(run.applier.records()).isEqualTo(32);
  }

  /** Also at each start again, until it is given a timeline after that. */
  @Test
  void logWithMinimalLevel_isRefused_whereItBegins() {
    WalMaker wal = new WalMaker(START);
    wal.add(100, 1);
    Lsn minimal = wal.add(parameters(0));
    wal.add(100, 2);
    Lsn replica = wal.add(parameters(1));
    wal.add(100, 3);
    byte[] log = wal.wal();
    Run first = new Run(nothing(), Lsn.of(START));
    assertThatThrownBy(() -> first.applyAll(START, log))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("wal_level=minimal")
        .hasMessageContaining("lsn=" + minimal)
        .hasMessageContaining("--timeline");
    first.writer.flush();
    assertThat(first.applier.records()).isEqualTo(1);
    Run again = new Run(first.position(), Lsn.INVALID);
    assertThatThrownBy(() -> again.applyAll(START, log)).hasMessageContaining("lsn=" + minimal);
    Run after = new Run(nothing(), replica);
    after.applyAll(START, log);
    assertThat(after.applier.records()).isEqualTo(2);
  }

  private static RecordMaker parameters(int level) {
    return RecordMaker.record(RecordMaker.RMGR_XLOG, 0x60)
        .main(RecordMaker.bytes(new byte[20], RecordMaker.u32(level), new byte[4]));
  }

  @Test
  void mark_survivesItsText() {
    Random random = Seeds.random();
    for (int i = 0; i < 1000; i++) {
      RecordMark mark =
          new RecordMark(
              Lsn.of(random.nextLong()),
              Lsn.of(random.nextLong() >>> random.nextInt(64)),
              random.nextInt(),
              Lsn.of(random.nextLong()),
              random.nextInt(),
              Lsn.of(random.nextLong()));
      assertThat(RecordMark.parse(mark.toString())).contains(mark);
    }
    assertThat(RecordMark.parse("")).isEmpty();
    assertThat(RecordMark.parse("0/1 0/1 0000000G 0/1 00000000 0/1")).isEmpty();
  }
}
