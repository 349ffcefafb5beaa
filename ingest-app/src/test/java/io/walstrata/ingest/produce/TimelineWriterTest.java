package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.produce.TimelineWriter.Settings;
import io.walstrata.ingest.produce.TimelineWriter.Style;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTombstone;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Batching, splitting, claims, and what happens when Kafka does not take a message. */
class TimelineWriterTest {
  private static final TimelineId TIMELINE = new TimelineId(0x0102030405060708L, 9);
  private static final int LIMIT = 1000;

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final MessageCodec codec = Codecs.withMockRegistry("timeline-writer");
  private long now;
  private long wall = 5000;
  private final KafkaTarget target =
      new KafkaTarget(kafka, codec, "t", LIMIT, () -> Instant.ofEpochMilli(wall));

  private TimelineWriter writer(Style style, int targetBytes, Lsn resumed) {
    return new TimelineWriter(
        TIMELINE,
        new KafkaTarget.Route(2, TIMELINE, PostgresHeaders.of(7)),
        resumed,
        null,
        target,
        new Settings(style, targetBytes, 100, 1000),
        () -> now);
  }

  private TimelineWriter writer() {
    return writer(Style.BATCH, 500, Lsn.INVALID);
  }

  private static PageKey key(int block) {
    return PageKey.of(0, 1663, 5, 16384, 0, block);
  }

  private static byte[] value(int length, int fill) {
    byte[] value = new byte[length];
    java.util.Arrays.fill(value, (byte) fill);
    return value;
  }

  private List<SpecificRecord> sent() {
    return kafka.history().stream().map(m -> codec.decode("t", m.value())).toList();
  }

  private static Lsn claimOf(SpecificRecord message) {
    return message instanceof WalBatch batch
        ? Lsn.of(batch.getEndLsn())
        : message instanceof WalProgress progress ? Lsn.of(progress.getLsn()) : Lsn.INVALID;
  }

  private static List<Long> lsns(SpecificRecord message) {
    return ((WalBatch) message).getEntries().stream().map(e -> e.getLsn()).toList();
  }

  @Test
  void batch_isSentOnceItHasTheTargetSize_claimingItsLastRecord() {
    TimelineWriter writer = writer();
    for (int i = 1; i <= 3; i++) {
      writer.put(Lsn.of(i * 8), key(i), ValueKind.IMAGE, value(150, i));
      assertThat(kafka.history()).isEmpty();
      writer.complete(Lsn.of(i * 8));
    }
    assertThat(sent()).hasSize(1);
    WalBatch batch = (WalBatch) sent().get(0);
    assertThat(batch.getEndLsn()).isEqualTo(24);
    assertThat(lsns(batch)).containsExactly(8L, 16L, 24L);
    for (int i = 0; i < 3; i++) {
      assertThat(batch.getEntries().get(i).getOffset()).isEqualTo(150 * i);
      assertThat(batch.getRaw().get(150 * i + 149)).isEqualTo((byte) (i + 1));
    }
    ProducerRecord<byte[], byte[]> message = kafka.history().get(0);
    assertThat(message.key()).isEqualTo(TIMELINE.toBytes());
    assertThat(message.partition()).isEqualTo(2);
    assertThat(message.timestamp()).isEqualTo(5000);
    assertThat(
            new String(
                message.headers().lastHeader(PostgresHeaders.TIMELINE).value(),
                StandardCharsets.US_ASCII))
        .isEqualTo("7");
  }

  @Test
  void timestamps_neverGoBack() {
    TimelineWriter writer = writer();
    writer.complete(Lsn.of(8));
    writer.flush();
    wall = 4000;
    writer.complete(Lsn.of(16));
    writer.flush();
    assertThat(kafka.history()).extracting(ProducerRecord::timestamp).containsExactly(5000L, 5000L);
  }

  @Test
  void version_waitsNoLongerThanItsLinger() {
    TimelineWriter writer = writer();
    writer.put(Lsn.of(8), key(1), ValueKind.IMAGE, value(10, 1));
    writer.complete(Lsn.of(8));
    now = 99;
    writer.poll();
    assertThat(kafka.history()).isEmpty();
    assertThat(writer.nanosToSend()).isEqualTo(1);
    now = 100;
    writer.poll();
    assertThat(sent()).hasSize(1);
    assertThat(writer.nanosToSend()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void lsnThatMovesOnWithoutVersions_isMarkedAfterItsOwnDelay() {
    TimelineWriter writer = writer();
    writer.complete(Lsn.of(8));
    now = 500;
    writer.complete(Lsn.of(16));
    now = 999;
    writer.poll();
    assertThat(kafka.history()).isEmpty();
    now = 1000;
    writer.poll();
    assertThat(sent()).hasSize(1).first().isInstanceOf(WalProgress.class);
    assertThat(claimOf(sent().get(0))).isEqualTo(Lsn.of(16));
  }

  @Test
  void claimsOfRecordsWithoutVersions_rideOnABatch() {
    TimelineWriter writer = writer();
    writer.put(Lsn.of(8), key(1), ValueKind.IMAGE, value(10, 1));
    writer.complete(Lsn.of(8));
    writer.complete(Lsn.of(80));
    writer.flush();
    assertThat(sent()).hasSize(1);
    assertThat(claimOf(sent().get(0))).isEqualTo(Lsn.of(80));
  }

  @Test
  void recordThatDoesNotFitBesideOthers_startsAMessageOfItsOwn() {
    TimelineWriter writer = writer(Style.BATCH, 2000, Lsn.INVALID);
    writer.put(Lsn.of(8), key(1), ValueKind.IMAGE, value(300, 1));
    writer.complete(Lsn.of(8));
    writer.put(Lsn.of(16), key(2), ValueKind.IMAGE, value(300, 2));
    writer.put(Lsn.of(16), key(3), ValueKind.IMAGE, value(300, 3));
    writer.complete(Lsn.of(16));
    writer.flush();
    assertThat(sent()).hasSize(2);
    assertThat(lsns(sent().get(0))).containsExactly(8L);
    assertThat(claimOf(sent().get(0))).isEqualTo(Lsn.of(8));
    assertThat(lsns(sent().get(1))).containsExactly(16L, 16L);
    assertThat(claimOf(sent().get(1))).isEqualTo(Lsn.of(16));
    assertThat(((WalBatch) sent().get(1)).getRaw().get(0)).isEqualTo((byte) 2);
  }

  @Test
  void recordLargerThanAMessage_isSplit_andOnlyItsLastPartClaimsIt() {
    TimelineWriter writer = writer(Style.BATCH, 2000, Lsn.of(8));
    for (int i = 0; i < 7; i++) {
      writer.put(Lsn.of(16), key(i), ValueKind.IMAGE, value(300, i));
    }
    writer.complete(Lsn.of(16));
    writer.flush();
    assertThat(sent()).hasSize(4);
    assertThat(sent().stream().map(TimelineWriterTest::claimOf))
        .containsExactly(Lsn.of(8), Lsn.of(8), Lsn.of(8), Lsn.of(16));
    assertThat(sent().stream().flatMap(m -> lsns(m).stream())).hasSize(7).containsOnly(16L);
  }

  @Test
  void recordLargerThanAMessage_atTheBeginning_claimsNothingInItsParts() {
    TimelineWriter writer = writer(Style.BATCH, 2000, Lsn.INVALID);
    for (int i = 0; i < 4; i++) {
      writer.put(Lsn.of(16), key(i), ValueKind.IMAGE, value(400, i));
    }
    writer.complete(Lsn.of(16));
    writer.flush();
    assertThat(sent().stream().map(TimelineWriterTest::claimOf))
        .containsExactly(Lsn.INVALID, Lsn.of(16));
  }

  @Test
  void valueLargerThanAMessage_isRefused() {
    TimelineWriter writer = writer();
    writer.put(Lsn.of(8), key(1), ValueKind.IMAGE, value(LIMIT, 1));
    assertThatThrownBy(() -> writer.complete(Lsn.of(8)))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("producer.max.request.size");
    assertThat(kafka.history()).isEmpty();
  }

  @Test
  void noMessageIsEverAboveTheLimit_andNothingIsLost() {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    Random random = new Random(seed);
    TimelineWriter writer = writer(Style.BATCH, 700, Lsn.INVALID);
    List<String> expected = new ArrayList<>();
    TopicContents contents = new TopicContents();
    for (int lsn = 8; lsn < 4000; lsn += 8) {
      if (random.nextInt(20) == 0) {
        KeyRange range = new KeyRange(key(0), key(1 + random.nextInt(5)));
        writer.tombstone(Lsn.of(lsn), range);
        expected.add(TopicContents.dropped(Lsn.of(lsn), range));
      }
      for (int i = random.nextInt(random.nextInt(8) + 1); i > 0; i--) {
        byte[] value = value(random.nextInt(random.nextInt(900) + 1), random.nextInt());
        ValueKind kind = ValueKind.values()[random.nextInt(3)];
        writer.put(Lsn.of(lsn), key(i), kind, value);
        expected.add(TopicContents.put(Lsn.of(lsn), key(i), kind, value));
      }
      writer.complete(Lsn.of(lsn));
      now += random.nextInt(200);
      writer.poll();
    }
    writer.flush();
    sent().forEach(message -> contents.add(TIMELINE, message));
    assertThat(contents.faults).as("walstrata.seed=%d", seed).isEmpty();
    assertThat(contents.changes).as("walstrata.seed=%d", seed).isEqualTo(expected);
    assertThat(contents.claim).isEqualTo(Lsn.of(3992));
    assertThat(kafka.history()).allMatch(m -> m.value().length <= LIMIT);
  }

  @Test
  void tombstone_isSentAfterTheVersionsBeforeIt_andClaimedLater() {
    TimelineWriter writer = writer();
    writer.put(Lsn.of(8), key(1), ValueKind.IMAGE, value(10, 1));
    writer.complete(Lsn.of(8));
    writer.tombstone(Lsn.of(16), KeyRange.ALL);
    writer.complete(Lsn.of(16));
    writer.flush();
    assertThat(sent()).hasSize(3);
    assertThat(claimOf(sent().get(0))).isEqualTo(Lsn.of(8));
    WalTombstone tombstone = (WalTombstone) sent().get(1);
    assertThat(tombstone.getLsn()).isEqualTo(16);
    assertThat(tombstone.getEndKey().bytes()).isEqualTo(PageKey.MAX.toBytes());
    assertThat(claimOf(sent().get(2))).isEqualTo(Lsn.of(16));
  }

  @Test
  void recordStyle_sendsOneMessagePerVersion_andClaimsByMarks() {
    TimelineWriter writer = writer(Style.RECORD, 500, Lsn.INVALID);
    writer.put(Lsn.of(8), key(1), ValueKind.WAL_RECORD_WILL_INIT, value(10, 1));
    writer.put(Lsn.of(8), key(2), ValueKind.IMAGE, value(10, 1));
    writer.complete(Lsn.of(8));
    assertThat(sent()).hasSize(2).allMatch(m -> m instanceof WalRecord);
    assertThat(((WalRecord) sent().get(0)).getWillInit()).isTrue();
    assertThat(((WalRecord) sent().get(1)).getWillInit()).isFalse();
    writer.flush();
    assertThat(claimOf(sent().get(2))).isEqualTo(Lsn.of(8));
  }

  @Test
  void claim_carriesTheMarkOfItsRecord() {
    RecordMark first = new RecordMark(Lsn.of(1), Lsn.of(0), -1, Lsn.of(1), -1, Lsn.of(1));
    RecordMark second = new RecordMark(Lsn.of(8), Lsn.of(1), 5, Lsn.of(1), -1, Lsn.of(1));
    TimelineWriter writer = writer(Style.BATCH, 2000, Lsn.INVALID);
    writer.complete(Lsn.of(8), first);
    writer.flush();
    for (int i = 0; i < 4; i++) {
      writer.put(Lsn.of(16), key(i), ValueKind.IMAGE, value(400, i));
    }
    writer.complete(Lsn.of(16), second);
    writer.tombstone(Lsn.of(24), KeyRange.ALL);
    writer.complete(Lsn.of(24), null);
    writer.flush();
    assertThat(kafka.history().stream().map(m -> PostgresHeaders.mark(m.headers())))
        .containsExactly(
            Optional.of(first), // Its own.
            Optional.of(first), // A part of the second record, which still claims the first.
            Optional.of(second),
            Optional.empty(), // A tombstone claims nothing.
            Optional.empty());
    assertThat(sent().stream().map(TimelineWriterTest::claimOf))
        .containsExactly(Lsn.of(8), Lsn.of(8), Lsn.of(16), Lsn.INVALID, Lsn.of(24));
  }

  @Test
  void acknowledgedPosition_followsKafka() {
    TimelineWriter writer = writer(Style.BATCH, 1, Lsn.of(8));
    assertThat(writer.ackedLsn()).isEqualTo(Lsn.of(8));
    for (int lsn = 16; lsn <= 32; lsn += 8) {
      writer.put(Lsn.of(lsn), key(1), ValueKind.IMAGE, value(10, 1));
      writer.complete(Lsn.of(lsn));
    }
    assertThat(writer.sentLsn()).isEqualTo(Lsn.of(32));
    assertThat(writer.ackedLsn()).isEqualTo(Lsn.of(8));
    assertThat(target.outstanding()).isEqualTo(3);
    kafka.completeNext();
    assertThat(writer.ackedLsn()).isEqualTo(Lsn.of(16));
    kafka.completeNext();
    kafka.completeNext();
    assertThat(writer.ackedLsn()).isEqualTo(Lsn.of(32));
    assertThat(target.outstanding()).isZero();
    assertThat(target.stalledFor()).isZero();
  }

  @Test
  void failedMessage_stopsEverything_andClaimsNothing() {
    TimelineWriter writer = writer(Style.BATCH, 1, Lsn.INVALID);
    for (int lsn = 8; lsn <= 24; lsn += 8) {
      writer.put(Lsn.of(lsn), key(1), ValueKind.IMAGE, value(10, 1));
      writer.complete(Lsn.of(lsn));
    }
    kafka.completeNext();
    kafka.errorNext(new TimeoutException("gave up"));
    kafka.completeNext();
    assertThat(kafka.closed()).isTrue();
    assertThat(writer.ackedLsn()).isEqualTo(Lsn.of(8));
    assertThatThrownBy(target::checkFailed)
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("gave up");
    writer.put(Lsn.of(32), key(1), ValueKind.IMAGE, value(10, 1));
    assertThatThrownBy(() -> writer.complete(Lsn.of(32))).isInstanceOf(ProduceException.class);
    assertThat(kafka.history()).hasSize(3);
  }

  @Test
  void close_reportsWhatWasNotAcknowledged() {
    TimelineWriter writer = writer();
    writer.complete(Lsn.of(8));
    writer.flush();
    assertThatThrownBy(() -> target.close(Duration.ofSeconds(1)))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("messages=1");
  }

  @Test
  void lsnThatGoesBack_isRefused() {
    TimelineWriter writer = writer(Style.BATCH, 500, Lsn.of(16));
    assertThatThrownBy(() -> writer.put(Lsn.of(16), key(1), ValueKind.IMAGE, value(1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
