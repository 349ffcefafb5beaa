package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** Where a producer resumes, from what a topic holds. */
class ResumeFinderTest {
  private static final String TOPIC = "t";
  private static final TimelineId A = new TimelineId(1, 1);
  private static final TimelineId B = new TimelineId(2, 2);

  private final MessageCodec codec = Codecs.withMockRegistry("resume-finder");
  private final List<List<ConsumerRecord<byte[], byte[]>>> partitions = new ArrayList<>();
  private final Map<TopicPartition, Long> begins = new HashMap<>();
  private long polled;

  ResumeFinderTest() {
    partitions.add(new ArrayList<>());
    partitions.add(new ArrayList<>());
  }

  private static WalTimelineId id(TimelineId timeline) {
    return new WalTimelineId(timeline.toBytes());
  }

  private static WalProgress mark(TimelineId timeline, long lsn) {
    return new WalProgress(id(timeline), lsn);
  }

  private static WalBatch batch(TimelineId timeline, long claim, long... lsns) {
    List<WalBatchEntry> entries = new ArrayList<>();
    for (long lsn : lsns) {
      entries.add(new WalBatchEntry(new WalPageKey(PageKey.MIN.toBytes()), lsn, 0, 0, 0));
    }
    return new WalBatch(id(timeline), claim, entries, ByteBuffer.allocate(0));
  }

  private void add(int partition, SpecificRecord message) {
    add(partition, codec.encode(TOPIC, message), Optional.empty());
  }

  private void add(int partition, byte[] value, Optional<Integer> postgresTimeline) {
    RecordHeaders headers = new RecordHeaders();
    postgresTimeline.ifPresent(n -> PostgresHeaders.of(n).forEach(headers::add));
    add(partition, value, headers);
  }

  private void add(int partition, byte[] value, RecordHeaders headers) {
    List<ConsumerRecord<byte[], byte[]>> log = partitions.get(partition);
    log.add(
        new ConsumerRecord<>(
            TOPIC,
            partition,
            log.size(),
            0,
            TimestampType.CREATE_TIME,
            0,
            value.length,
            new byte[] {1},
            value,
            headers,
            Optional.empty()));
  }

  /** Hands out what a consumer would: from its position on, a few at a time. */
  private final class LogConsumer extends MockConsumer<byte[], byte[]> {
    LogConsumer() {
      super("earliest");
      for (int p = 0; p < partitions.size(); p++) {
        TopicPartition partition = new TopicPartition(TOPIC, p);
        updateBeginningOffsets(Map.of(partition, begins.getOrDefault(partition, 0L)));
        updateEndOffsets(Map.of(partition, (long) partitions.get(p).size()));
      }
    }

    @Override
    public synchronized org.apache.kafka.clients.consumer.ConsumerRecords<byte[], byte[]> poll(
        Duration timeout) {
      for (TopicPartition partition : assignment()) {
        List<ConsumerRecord<byte[], byte[]>> log = partitions.get(partition.partition());
        long position = position(partition);
        long to = Math.min(log.size(), position + 50);
        for (long offset = position; offset < to; offset++) {
          if (log.get((int) offset).value().length > 0) {
            addRecord(log.get((int) offset));
          }
          polled++;
        }
      }
      return super.poll(timeout);
    }
  }

  private Map<TimelineId, ResumePosition> find(TimelineId... timelines) {
    return new ResumeFinder(new LogConsumer(), codec, TOPIC, Duration.ofMillis(300))
        .find(List.of(timelines), partitions.size(), timeline -> timeline.equals(A) ? 0 : 1);
  }

  private ResumePosition findA() {
    return find(A).values().iterator().next();
  }

  @Test
  void emptyTopic_isANewTimeline() {
    ResumePosition position = findA();
    assertThat(position.isFound()).isFalse();
    assertThat(position.partition()).isZero();
    position.requireFoundOrNew(TOPIC, "");
  }

  @Test
  void lastClaim_isFound_withoutReadingWhatIsFarBefore() {
    for (int i = 1; i <= 5000; i++) {
      add(0, batch(A, i * 8L, i * 8L));
    }
    assertThat(findA().claim()).isEqualTo(Lsn.of(40_000));
    assertThat(polled).isLessThan(200);
  }

  @Test
  void claimBeforeManyMessagesOfOthers_isFound() {
    add(0, mark(A, 16));
    for (int i = 1; i <= 3000; i++) {
      add(0, mark(B, i * 8L));
    }
    assertThat(findA().claim()).isEqualTo(Lsn.of(16));
  }

  @Test
  void messageThatClaimsNothing_doesNotCount() {
    add(0, batch(A, 8, 8));
    add(0, batch(A, 0, 16, 24));
    add(
        0,
        new WalTombstone(
            id(A),
            32L,
            new WalPageKey(PageKey.MIN.toBytes()),
            new WalPageKey(PageKey.MAX.toBytes())));
    ResumePosition position = findA();
    assertThat(position.claim()).isEqualTo(Lsn.of(8));
    assertThat(position.lastVersion()).isEqualTo(Lsn.of(32));
  }

  @Test
  void claimBeyondHalfOfTheLsns_isComparedUnsigned() {
    add(0, mark(A, Long.MAX_VALUE));
    add(0, mark(A, Long.MIN_VALUE + 16));
    assertThat(findA().claim()).isEqualTo(Lsn.of(Long.MIN_VALUE + 16));
  }

  @Test
  void olderClaimOfASecondProducer_doesNotCount() {
    add(0, mark(A, 80));
    add(0, mark(A, 40));
    assertThat(findA().claim()).isEqualTo(Lsn.of(80));
  }

  @Test
  void timelineInAnotherPartition_isFoundThere() {
    add(1, mark(A, 64));
    ResumePosition position = findA();
    assertThat(position.claim()).isEqualTo(Lsn.of(64));
    assertThat(position.partition()).isEqualTo(1);
  }

  @Test
  void severalTimelines_areFoundInOnePass() {
    add(0, mark(A, 64));
    add(1, mark(B, 72));
    Map<TimelineId, ResumePosition> found = find(A, B);
    assertThat(found.get(A)).extracting(ResumePosition::claim).isEqualTo(Lsn.of(64));
    assertThat(found.get(B)).extracting(ResumePosition::claim).isEqualTo(Lsn.of(72));
  }

  @Test
  void garbage_isSkipped() {
    add(0, mark(A, 64));
    add(0, new byte[] {1, 2, 3}, Optional.empty());
    add(0, new byte[] {0, 0, 0, 0, 1, 5}, Optional.empty());
    assertThat(findA().claim()).isEqualTo(Lsn.of(64));
  }

  @Test
  void postgresTimeline_isThatOfTheLastClaim() {
    add(0, codec.encode(TOPIC, mark(A, 64)), Optional.of(1));
    add(0, codec.encode(TOPIC, mark(A, 64)), Optional.of(2));
    assertThat(findA().postgresTimeline()).hasValue(2);
    add(0, mark(A, 72));
    assertThat(findA().postgresTimeline()).isEmpty();
  }

  private void addBackup(SpecificRecord message) {
    RecordHeaders headers = new RecordHeaders();
    PostgresHeaders.ofBackup(3, Lsn.of(0x2000), "keys").forEach(headers::add);
    add(0, codec.encode(TOPIC, message), headers);
  }

  @Test
  void baseBackupThatIsNotComplete_isFoundWithItsLastKey_andLetsNoWalFollow() {
    addBackup(batch(A, 0x1FFF, 0x2000, 0x2000));
    ResumePosition position = findA();
    assertThat(position.backup())
        .hasValue(new HeldBackup(Lsn.of(0x2000), "keys", Optional.of(PageKey.MIN)));
    assertThat(position.claim()).isEqualTo(Lsn.of(0x1FFF));
    assertThat(position.postgresTimeline()).hasValue(3);
    assertThatThrownBy(() -> position.requireWholeBackup(TOPIC))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("startLsn=0/2000");
  }

  @Test
  void wholeBaseBackup_isContinuedAtItsStart() {
    addBackup(batch(A, 0x1FFF, 0x2000));
    addBackup(mark(A, 0x2000));
    ResumePosition position = findA();
    assertThat(position.claim()).isEqualTo(Lsn.of(0x2000));
    assertThat(position.backup()).isPresent();
    position.requireWholeBackup(TOPIC);
  }

  @Test
  void walAfterABaseBackup_isNoBackup() {
    addBackup(mark(A, 0x2000));
    add(0, mark(A, 0x2040));
    assertThat(findA().backup()).isEmpty();
  }

  @Test
  void versionsWithoutClaim_areRefused() {
    add(0, batch(A, 0, 16));
    assertThatThrownBy(() -> findA().requireFoundOrNew(TOPIC, "do something"))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("lastVersion=0/10")
        .hasMessageContaining("do something");
  }

  @Test
  void topicWhoseBeginningIsGone_isNoNewTimeline() {
    for (int i = 0; i < 10; i++) {
      add(0, mark(B, 8 + i));
    }
    begins.put(new TopicPartition(TOPIC, 0), 4L);
    assertThatThrownBy(() -> findA().requireFoundOrNew(TOPIC, ""))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("firstOffset=4");
  }

  @Test
  void brokerThatGivesNothing_isAnError() {
    add(0, mark(B, 8));
    partitions.get(0).add(partitions.get(0).get(0));
    ResumeFinder finder =
        new ResumeFinder(
            new MockConsumer<byte[], byte[]>("earliest") {
              {
                for (int p = 0; p < 2; p++) {
                  updateBeginningOffsets(Map.of(new TopicPartition(TOPIC, p), 0L));
                  updateEndOffsets(Map.of(new TopicPartition(TOPIC, p), 10L));
                }
              }
            },
            codec,
            TOPIC,
            Duration.ofMillis(50));
    assertThatThrownBy(() -> finder.find(List.of(A), 2, t -> 0))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("offset=0, end=10");
  }

  @Test
  void mark_isThatOfTheLastClaim() {
    RecordMark mark =
        new RecordMark(
            Lsn.parse("FFFFFFFF/8"),
            Lsn.parse("80000000/0"),
            -2,
            Lsn.parse("FFFFFFFF/0"),
            -3,
            Lsn.parse("1/1"));
    RecordHeaders headers = new RecordHeaders();
    PostgresHeaders.of(0xFFFFFFFE).forEach(headers::add);
    headers.add(PostgresHeaders.of(mark));
    add(0, codec.encode(TOPIC, mark(A, 16)), headers);
    add(0, codec.encode(TOPIC, mark(A, 8)), Optional.of(1));
    assertThat(findA().mark()).contains(mark);
    assertThat(findA().postgresTimeline()).hasValue(0xFFFFFFFE);
  }

  @Test
  void mark_thatIsNone_isAsIfThereWereNone() {
    RecordHeaders headers = new RecordHeaders();
    headers.add(PostgresHeaders.RECORD, new byte[] {'x'});
    headers.add(PostgresHeaders.TIMELINE, new byte[] {'-', '1'});
    add(0, codec.encode(TOPIC, mark(A, 16)), headers);
    assertThat(findA().mark()).isEmpty();
    assertThat(findA().postgresTimeline()).isEmpty();
  }
}
