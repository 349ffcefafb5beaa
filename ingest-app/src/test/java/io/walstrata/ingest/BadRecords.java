package io.walstrata.ingest;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalValueKind;
import io.walstrata.schemas.serde.SchemaRegistry;
import io.walstrata.schemas.serde.WalSerdeConfig;
import io.walstrata.schemas.serde.WalSerializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** One record of every kind that a job refuses, for tests. */
public final class BadRecords {
  /** A header that every one has, which is to be kept. */
  public static final String HEADER = "origin";

  /** The timestamp of every one. */
  public static final long TIMESTAMP = 1_600_000_000_000L;

  private static final byte[] KEY = "routing key".getBytes(StandardCharsets.UTF_8);
  private static final TimelineId OTHER_TIMELINE = new TimelineId(0x7E7E7E7E7E7E7E7EL, 1);
  private static final PageKey ELSEWHERE = PageKey.of(0, 1663, 5, 99, 0, 99);

  private final String topic;
  private final WalSerializer serializer;
  private final List<Sample> samples = new ArrayList<>();

  /** A record, and the reason it is refused for. */
  @SuppressWarnings("ArrayRecordComponent") // Compared one by one.
  public record Sample(String reason, byte @Nullable [] key, byte @Nullable [] value) {}

  private BadRecords(String topic, WalSerializer serializer) {
    this.topic = topic;
    this.serializer = serializer;
  }

  /**
   * Makes them.
   *
   * @param registry settings of the registry, in which foreign schemas are registered
   * @param timeline one whose LSNs are above 1 when the records come; the only one that the
   *     partition may have
   */
  public static List<Sample> of(
      String topic, WalSerializer serializer, Map<String, ?> registry, TimelineId timeline)
      throws IOException {
    BadRecords bad = new BadRecords(topic, serializer);
    bad.framing(registry);
    bad.content(timeline);
    return bad.samples;
  }

  private void framing(Map<String, ?> settings) throws IOException {
    add("undecodable", KEY, "garbage".getBytes(StandardCharsets.UTF_8));
    add("undecodable", KEY, new byte[0]);
    add("null_value", KEY, null);
    add("unknown_schema", KEY, new byte[] {0, 0x7F, 0, 0, 1, 2, 3, 4});
    try (SchemaRegistry registry = SchemaRegistry.open(new WalSerdeConfig(settings))) {
      int foreign =
          registry.register(
              topic + "-other", "{\"type\":\"record\",\"name\":\"other\",\"fields\":[]}");
      add("unexpected_schema", KEY, ByteBuffer.allocate(5).put((byte) 0).putInt(foreign).array());
    }
  }

  private void content(TimelineId timeline) {
    WalRecord.Builder good =
        WalRecord.newBuilder()
            .setTimeline(new WalTimelineId(timeline.toBytes()))
            .setLsn(1)
            .setKey(new WalPageKey(ELSEWHERE.toBytes()))
            .setKind(WalValueKind.IMAGE)
            .setValue(ByteBuffer.wrap(new byte[] {1}));
    add("late", KEY, message(good.build()));
    add("null_key", null, message(good.build()));
    WalRecord record = good.build();
    record.setWillInit(true);
    add("malformed", KEY, message(record));
    record = good.build();
    record.setLsn(0);
    add("invalid_lsn", KEY, message(record));
    record = good.build();
    record.setTimeline(new WalTimelineId(new byte[16]));
    add("wrong_timeline", KEY, message(record));
    record = good.build();
    record.setTimeline(new WalTimelineId(OTHER_TIMELINE.toBytes()));
    add("too_many_timelines", KEY, message(record));
    record = good.build();
    byte[] wideTablespace = ELSEWHERE.toBytes();
    wideTablespace[2] = 1;
    record.setKey(new WalPageKey(wideTablespace));
    add("unrepresentable_key", KEY, message(record));
    record = good.build();
    record.setValue(ByteBuffer.allocate(Value.MAX_BYTES + 1));
    add("value_too_large", KEY, message(record));
  }

  private byte[] message(WalRecord record) {
    return Objects.requireNonNull(serializer.serialize(topic, record));
  }

  private void add(String reason, byte @Nullable [] key, byte @Nullable [] value) {
    samples.add(new Sample(reason, key, value));
  }

  /** Returns what is to be sent. */
  @SuppressWarnings("NullAway") // Kafka takes null keys and null values; its signatures do not say.
  public static ProducerRecord<byte[], byte[]> record(String topic, int partition, Sample sample) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, TIMESTAMP, sample.key(), sample.value());
    record.headers().add(HEADER, sample.reason().getBytes(StandardCharsets.UTF_8));
    return record;
  }
}
