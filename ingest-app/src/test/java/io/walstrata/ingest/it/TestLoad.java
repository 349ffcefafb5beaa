package io.walstrata.ingest.it;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.RegistryServer;
import io.walstrata.harness.soak.Ledger;
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
import io.walstrata.schemas.serde.WalSerializer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * One timeline's random load of every kind of message, which the seed decides alone, and its {@link
 * Ledger}. For one thread.
 */
final class TestLoad implements AutoCloseable {
  private static final int KEYS = 60;

  private final String topic;
  private final TimelineId timeline;
  private final Random random;
  private final Ledger ledger = new Ledger();
  private final KafkaProducer<byte[], byte[]> producer;
  private final WalSerializer serializer;
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();
  private long lsn = 0x1_0000_0000L;

  TestLoad(BrokerServer broker, RegistryServer registry, String topic, long seed) {
    this.topic = topic;
    this.random = new Random(seed);
    this.timeline = new TimelineId(0xC0FFEE, seed);
    this.serializer = new WalSerializer(Map.of("schema.registry.url", registry.url()));
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  TimelineId timeline() {
    return timeline;
  }

  /** Returns what was sent, for any thread. */
  Ledger ledger() {
    return ledger;
  }

  /** Sends one message. */
  void step() {
    int dice = random.nextInt(100);
    if (dice < 40) {
      record();
    } else if (dice < 97) {
      batch();
    } else if (dice < 98) {
      tombstone();
    } else {
      progress();
    }
  }

  private void record() {
    PageKey key = key(random.nextInt(KEYS));
    Version version = nextVersion(key);
    Value value = version.value();
    send(
        WalRecord.newBuilder()
            .setTimeline(avroTimeline())
            .setLsn(version.lsn().value())
            .setKey(avro(key))
            .setKind(value.kind() == ValueKind.IMAGE ? WalValueKind.IMAGE : WalValueKind.WAL_RECORD)
            .setWillInit(value.kind() == ValueKind.WAL_RECORD_WILL_INIT)
            .setValue(ByteBuffer.wrap(value.bytes()))
            .build());
    ledger.add(key, version);
  }

  private void batch() {
    int count = 1 + random.nextInt(8);
    List<WalBatchEntry> index = new ArrayList<>();
    ByteBuffer raw = ByteBuffer.allocate(count * 512);
    for (int i = 0; i < count; i++) {
      PageKey key = key(random.nextInt(KEYS));
      Version version = nextVersion(key);
      ledger.add(key, version); // So that the next one of the batch may build on this one.
      byte[] bytes = version.value().bytes();
      index.add(
          new WalBatchEntry(
              avro(key),
              version.lsn().value(),
              raw.position(),
              bytes.length,
              version.value().kind().id()));
      raw.put(bytes);
    }
    send(new WalBatch(avroTimeline(), lsn, index, raw.flip()));
  }

  /** Drops a tenth of the keys. */
  void tombstone() {
    int first = random.nextInt(KEYS);
    KeyRange keys = new KeyRange(key(first), key(first + KEYS / 10));
    Lsn at = nextLsn();
    send(new WalTombstone(avroTimeline(), at.value(), avro(keys.startKey()), avro(keys.endKey())));
    ledger.add(new Ledger.Tombstone(keys, at));
  }

  private void progress() {
    Lsn mark = nextLsn();
    send(new WalProgress(avroTimeline(), mark.value()));
    ledger.progress(mark);
  }

  private Version nextVersion(PageKey key) {
    Lsn at = nextLsn();
    boolean canBuildOn = ledger.read(key, Lsn.MAX).status().equals("complete");
    int dice = random.nextInt(10);
    boolean image = canBuildOn ? dice == 0 : dice < 5;
    boolean willInit = !image && (!canBuildOn || dice == 1);
    byte[] bytes = new byte[random.nextInt(400)];
    random.nextBytes(bytes);
    return new Version(at, image ? Value.image(bytes) : Value.walRecord(bytes, willInit));
  }

  private Lsn nextLsn() {
    lsn += 1 + random.nextInt(1000);
    return new Lsn(lsn);
  }

  static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  /** Has the schema of tombstones registered without sending any. */
  void registerTombstones() {
    serializer.serialize(topic, new WalTombstone(avroTimeline(), 1L, avro(key(0)), avro(key(1))));
  }

  private WalTimelineId avroTimeline() {
    return new WalTimelineId(timeline.toBytes());
  }

  private static WalPageKey avro(PageKey key) {
    return new WalPageKey(key.toBytes());
  }

  private void send(SpecificRecord message) {
    sent.add(sendBytes(timeline.toBytes(), serializer.serialize(topic, message)));
  }

  /** Sends anything at all. */
  @SuppressWarnings(
      "NullAway") // Kafka takes null keys and null values; its signatures do not show it.
  Future<RecordMetadata> sendBytes(byte @Nullable [] key, byte @Nullable [] value) {
    return producer.send(new ProducerRecord<>(topic, key, value));
  }

  /** Sends messages, and returns when the broker has acknowledged them. */
  void steps(int count) throws InterruptedException, ExecutionException, TimeoutException {
    for (int i = 0; i < count; i++) {
      step();
    }
    flush();
  }

  /** Returns when the broker has acknowledged everything. */
  void flush() throws InterruptedException, ExecutionException, TimeoutException {
    producer.flush();
    for (Future<RecordMetadata> each : sent) {
      each.get(30, TimeUnit.SECONDS);
    }
    sent.clear();
  }

  @Override
  public void close() {
    producer.close();
    serializer.close();
  }
}
