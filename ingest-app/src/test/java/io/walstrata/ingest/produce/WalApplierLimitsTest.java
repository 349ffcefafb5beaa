package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.wal.LargeRecords;
import io.walstrata.postgres.wal.WalReader;
import io.walstrata.postgres.wal.WalRecord;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Records that are large, and what they are measured against. */
class WalApplierLimitsTest {
  private static final TimelineId TIMELINE = new TimelineId(7, 9);

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

  private WalApplier applier(int maxMessageBytes, int maxRecordBytes) {
    return applier(maxMessageBytes, maxRecordBytes, Lsn.INVALID, Optional.empty());
  }

  private WalApplier applier(
      int maxMessageBytes, int maxRecordBytes, Lsn claim, Optional<RecordMark> mark) {
    KafkaTarget target =
        new KafkaTarget(
            kafka,
            Codecs.withMockRegistry("wal-applier-limits"),
            "t",
            maxMessageBytes,
            InstantSource.system());
    TimelineWriter writer =
        new TimelineWriter(
            TIMELINE,
            new KafkaTarget.Route(0, TIMELINE, PostgresHeaders.of(1)),
            Lsn.INVALID,
            null,
            target,
            new TimelineWriter.Settings(TimelineWriter.Style.BATCH, 1000, 0, 0),
            () -> 0);
    return new WalApplier(
        writer,
        new WalMapper(),
        new ResumePosition(0, claim, OptionalInt.empty(), mark, Lsn.INVALID, /* searchedFrom= */ 0),
        maxRecordBytes,
        LargeRecords.START,
        LargeRecords.SEGMENT_BYTES,
        Lsn.MAX,
        unused -> {});
  }

  private static void apply(WalApplier applier, byte[] wal) {
    applier.apply(1, LargeRecords.START, ByteBuffer.wrap(wal));
  }

  @Test
  void commitThatFitsIntoAMessage_isSent() {
    WalApplier applier = applier(4 << 20, 4 << 20);
    apply(applier, LargeRecords.commit(1_900_000));
    assertThat(applier.records()).isEqualTo(1);
    assertThat(kafka.history()).hasSize(1);
    assertThat(kafka.history().get(0).value().length).isBetween(1_900_000, 1_901_000);
  }

  @Test
  void commitThatDoesNot_isNamed_withBothSettings() {
    WalApplier applier = applier(1 << 20, 4 << 20);
    assertThatThrownBy(() -> apply(applier, LargeRecords.commit(1_900_000)))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("lsn=0/500028")
        .hasMessageContaining("record=Transaction COMMIT")
        .hasMessageContaining("bytes=19000")
        .hasMessageContaining("limit=1048576")
        .hasMessageContaining("producer.max.request.size")
        .hasMessageContaining("max.message.bytes to 190");
    assertThat(kafka.history()).isEmpty();
  }

  @Test
  void recordThatIsNotToBeHeld_isNamed_withItsSetting() {
    assertThatThrownBy(() -> apply(applier(8 << 20, 1 << 20), LargeRecords.commit(1_900_000)))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("lsn=0/500028")
        .hasMessageContaining("rmgr=Transaction")
        .hasMessageContaining("limit=1048576")
        .hasMessageContaining("setting=max-record-bytes")
        .hasMessageContaining("raise it");
    assertThat(PostgresSettings.largerRecords(PostgresSettings.MOST_RECORD_BYTES))
        .contains("setting=max-record-bytes", "--start")
        .doesNotContain("raise it");
  }

  @Test
  void logicalMessageOfAnySize_isPassed() {
    WalApplier applier = applier(1 << 20, 1 << 20);
    apply(applier, LargeRecords.message(5_000_000));
    assertThat(applier.records()).isEqualTo(1);
    assertThat(applier.readLsn()).isGreaterThan(Lsn.of(LargeRecords.START.value() + 5_000_000));
  }

  /** What is checked and not kept is known again all the same. */
  @Test
  void claimAtALogicalMessage_isCompared() {
    byte[] wal = LargeRecords.message(5_000_000);
    WalReader reader = new WalReader(LargeRecords.START, LargeRecords.SEGMENT_BYTES);
    reader.feed(LargeRecords.START, wal, 0, wal.length);
    WalRecord whole = Objects.requireNonNull(reader.next());
    RecordMark mark = RecordMark.of(whole, null, whole.lsn());
    WalApplier same = applier(1 << 20, 1 << 20, whole.endLsn(), Optional.of(mark));
    apply(same, wal);
    assertThat(same.continuesClaim()).isTrue();
    assertThat(same.records()).isZero();
    RecordMark another =
        new RecordMark(
            mark.startLsn(),
            mark.prevLsn(),
            ~mark.crc(),
            mark.startLsn(),
            ~mark.crc(),
            Lsn.INVALID);
    WalApplier other = applier(1 << 20, 1 << 20, whole.endLsn(), Optional.of(another));
    assertThatThrownBy(() -> apply(other, wal)).isInstanceOf(ProduceException.class);
  }

  private static int maxRequestBytes(int topicBytes, String... producer) {
    Map<String, String> settings = new HashMap<>();
    settings.put("topic", "t");
    settings.put("bootstrap.servers", "localhost:1");
    settings.put("schema.registry.url", "http://localhost:1");
    for (int i = 0; i < producer.length; i += 2) {
      settings.put(producer[i], producer[i + 1]);
    }
    return KafkaClients.maxRequestBytes(
        ProduceConfig.of(ProduceConfig.definition(), settings), topicBytes);
  }

  @Test
  void requests_areAsLargeAsTheTopicTakes_unlessSet() {
    assertThat(maxRequestBytes(-1)).isEqualTo(1 << 20);
    assertThat(maxRequestBytes(500_000)).isEqualTo(1 << 20);
    assertThat(maxRequestBytes(8 << 20)).isEqualTo(8 << 20);
    assertThat(maxRequestBytes(Integer.MAX_VALUE)).isEqualTo(32 << 20);
    assertThat(maxRequestBytes(8 << 20, "producer.max.request.size", "2000000"))
        .isEqualTo(2_000_000);
    assertThat(maxRequestBytes(8 << 20, "producer.buffer.memory", "1500000")).isEqualTo(1 << 20);
  }
}
