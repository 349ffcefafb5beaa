package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walstrata.layerstore.internal.write.FreezeTracker;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreezePolicyTest {
  private record LogRecord(long offset, long bytes, long timestampMs) {}

  private static List<LogRecord> offsets(long... offsets) {
    List<LogRecord> records = new ArrayList<>();
    for (long offset : offsets) {
      records.add(new LogRecord(offset, 1, 0));
    }
    return records;
  }

  private static List<Long> freezePoints(FreezePolicy policy, List<LogRecord> records) {
    return freezePoints(policy, OptionalLong.empty(), records);
  }

  private static List<Long> freezePoints(
      FreezePolicy policy, OptionalLong last, List<LogRecord> records) {
    FreezeTracker tracker = new FreezeTracker(policy, last);
    List<Long> points = new ArrayList<>();
    for (LogRecord record : records) {
      if (tracker.add(record.offset, record.bytes, record.timestampMs)) {
        points.add(record.offset);
      }
    }
    return points;
  }

  @Test
  void everyOffsets_freezesAtTheLastOffsetBeforeEachMultiple() {
    assertThat(
            freezePoints(
                FreezePolicy.everyOffsets(4), offsets(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)))
        .containsExactly(3L, 7L, 11L);
  }

  @Test
  void everyOffsets_holeOverTheMultiple_freezesAtTheFirstRecordAfterIt() {
    assertThat(freezePoints(FreezePolicy.everyOffsets(4), offsets(0, 1, 2, 5, 6, 7, 8)))
        .containsExactly(5L, 7L);
  }

  @Test
  void everyOffsets_holeOverSeveralMultiples_freezesOnce() {
    assertThat(freezePoints(FreezePolicy.everyOffsets(4), offsets(0, 1, 22, 23, 24)))
        .containsExactly(22L, 23L);
  }

  @Test
  void everyOffsets_holeRightAfterTheFreezePoint_countsFromTheFreezePoint() {
    // The interval starts at 4 although its first record is 8: the multiple 8 lies inside.
    assertThat(freezePoints(FreezePolicy.everyOffsets(4), OptionalLong.of(3), offsets(8, 9, 11)))
        .containsExactly(8L, 11L);
  }

  @Test
  void everyOffsets_topicThatStartsLate_countsFromItsFirstRecord() {
    assertThat(freezePoints(FreezePolicy.everyOffsets(100), offsets(1000, 1001, 1098, 1099, 1100)))
        .containsExactly(1099L);
  }

  @Test
  void everyOffsets_one_freezesAtEachRecord() {
    assertThat(freezePoints(FreezePolicy.everyOffsets(1), offsets(0, 1, 5)))
        .containsExactly(0L, 1L, 5L);
  }

  @Test
  void everyBytes_freezesAtTheRecordThatReachesIt() {
    List<LogRecord> records =
        List.of(
            new LogRecord(0, 40, 0),
            new LogRecord(1, 59, 0),
            new LogRecord(2, 1, 0),
            new LogRecord(3, 500, 0),
            new LogRecord(4, 0, 0));
    assertThat(freezePoints(FreezePolicy.everyBytes(100), records)).containsExactly(2L, 3L);
  }

  @Test
  void everyAge_freezesAtTheRecordThatIsOldEnough() {
    List<LogRecord> records =
        List.of(
            new LogRecord(0, 1, 1000),
            new LogRecord(1, 1, 1999),
            new LogRecord(2, 1, 2000),
            new LogRecord(3, 1, 5000),
            new LogRecord(4, 1, 5999),
            new LogRecord(5, 1, 6001));
    assertThat(freezePoints(FreezePolicy.everyAgeMs(1000), records)).containsExactly(2L, 5L);
  }

  @Test
  void everyAge_firstTimestampInTheFuture_stillFreezes() {
    List<LogRecord> records =
        List.of(
            new LogRecord(0, 1, 9_000_000), new LogRecord(1, 1, 1000), new LogRecord(2, 1, 1500));
    assertThat(freezePoints(FreezePolicy.everyAgeMs(1000), records)).containsExactly(1L);
  }

  @Test
  void everyAge_recordsWithoutTimestamp_areLeftOut() {
    List<LogRecord> records =
        List.of(
            new LogRecord(0, 1, 0),
            new LogRecord(1, 1, 5_000_000),
            new LogRecord(2, 1, -1),
            new LogRecord(3, 1, 5_000_999));
    assertThat(freezePoints(FreezePolicy.everyAgeMs(1000), records)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 9_223_372_036_854_775_806L})
  void add_offsetIsNotAfterTheLast_isRefused(long last) {
    FreezeTracker tracker = new FreezeTracker(FreezePolicy.everyOffsets(10), OptionalLong.of(last));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tracker.add(last, 1, 0))
        .withMessageContaining("lastOffset=" + last);
  }

  @ParameterizedTest
  @CsvSource({"-1,0,0,everyOffsets", "0,-1,0,everyBytes", "0,0,-1,everyAgeMs"})
  void new_negativeTrigger_isRefused(long offsets, long bytes, long ageMs, String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FreezePolicy(offsets, bytes, ageMs))
        .withMessageContaining(name + "=-1");
  }

  @Test
  void new_allTriggersOff_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new FreezePolicy(0, 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FreezePolicy.everyBytes(5).withEveryBytes(0));
  }

  @Test
  void withX_changesOneTrigger() {
    assertThat(FreezePolicy.DEFAULTS.withEveryOffsets(1).withEveryBytes(2).withEveryAgeMs(3))
        .isEqualTo(new FreezePolicy(1, 2, 3));
  }

  /** The property that everything else rests on. */
  @Test
  void freezePoints_doNotDependOnWhereTheRunWasStopped() {
    long seed = Long.getLong("walstrata.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      List<LogRecord> records = randomRecords(random);
      FreezePolicy policy = randomPolicy(random);
      List<Long> once = freezePoints(policy, records);
      assertThat(freezePointsWithRestarts(policy, records, random))
          .as("walstrata.seed=%d, round=%d, policy=%s", seed, round, policy)
          .isEqualTo(once);
    }
  }

  private static List<LogRecord> randomRecords(Random random) {
    List<LogRecord> records = new ArrayList<>();
    long offset = (long) random.nextInt(3) * random.nextInt(1000);
    long time = 1_000_000;
    int count = random.nextInt(120);
    for (int i = 0; i < count; i++) {
      time += random.nextInt(100) - 20;
      long timestamp = random.nextInt(10) == 0 ? -1 : time;
      if (random.nextInt(40) == 0) {
        timestamp = random.nextInt(Integer.MAX_VALUE);
      }
      records.add(new LogRecord(offset, random.nextInt(50), timestamp));
      offset += random.nextInt(8) == 0 ? 1 + random.nextInt(30) : 1;
    }
    return records;
  }

  private static FreezePolicy randomPolicy(Random random) {
    long offsets = random.nextBoolean() ? 1 + random.nextInt(20) : 0;
    long bytes = random.nextBoolean() ? 1 + random.nextInt(300) : 0;
    long age = random.nextBoolean() || (offsets == 0 && bytes == 0) ? 1 + random.nextInt(500) : 0;
    return new FreezePolicy(offsets, bytes, age);
  }

  /** Crashes at random records and resumes after a freeze point that was durable by then. */
  private static List<Long> freezePointsWithRestarts(
      FreezePolicy policy, List<LogRecord> records, Random random) {
    List<Long> durable = new ArrayList<>();
    while (true) {
      OptionalLong last =
          durable.isEmpty()
              ? OptionalLong.empty()
              : OptionalLong.of(durable.get(durable.size() - 1));
      List<LogRecord> rest =
          records.stream().filter(r -> last.isEmpty() || r.offset > last.getAsLong()).toList();
      boolean isLastLife = random.nextInt(4) == 0;
      int crashAt = isLastLife ? rest.size() : random.nextInt(rest.size() + 1);
      List<Long> found = freezePoints(policy, last, rest.subList(0, crashAt));
      if (isLastLife) {
        durable.addAll(found);
        return durable;
      }
      // Files are written in the background: some of the last points may not have made it.
      durable.addAll(found.subList(0, random.nextInt(found.size() + 1)));
    }
  }
}
