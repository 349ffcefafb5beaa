package io.walstrata.ingest.it;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.RegistryServer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
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
import java.util.Base64;
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
    Ledger.Entry entry = nextVersion();
    send(
        WalRecord.newBuilder()
            .setTimeline(avroTimeline())
            .setLsn(entry.lsn().value())
            .setKey(avro(entry.key()))
            .setKind(entry.isImage() ? WalValueKind.IMAGE : WalValueKind.WAL_RECORD)
            .setWillInit(entry.willInit())
            .setValue(bytes(entry))
            .build());
    ledger.add(entry);
  }

  private void batch() {
    int count = 1 + random.nextInt(8);
    List<WalBatchEntry> index = new ArrayList<>();
    ByteBuffer raw = ByteBuffer.allocate(count * 512);
    for (int i = 0; i < count; i++) {
      Ledger.Entry entry = nextVersion();
      ledger.add(entry); // So that the next entry of the batch may build on this one.
      int flags = entry.isImage() ? 0 : entry.willInit() ? 3 : 1;
      index.add(
          new WalBatchEntry(
              avro(entry.key()),
              entry.lsn().value(),
              raw.position(),
              bytes(entry).remaining(),
              flags));
      raw.put(bytes(entry));
    }
    send(new WalBatch(avroTimeline(), lsn, index, raw.flip()));
  }

  /** Drops a tenth of the keys. */
  void tombstone() {
    int first = random.nextInt(KEYS);
    Ledger.Drop drop = new Ledger.Drop(key(first), key(first + KEYS / 10), nextLsn());
    send(
        new WalTombstone(
            avroTimeline(), drop.lsn().value(), avro(drop.startKey()), avro(drop.endKey())));
    ledger.add(drop);
  }

  private void progress() {
    Lsn mark = nextLsn();
    send(new WalProgress(avroTimeline(), mark.value()));
    ledger.progress(mark);
  }

  private Ledger.Entry nextVersion() {
    PageKey key = key(random.nextInt(KEYS));
    Lsn at = nextLsn();
    boolean canBuildOn = ledger.hasPage(key);
    int dice = random.nextInt(10);
    boolean image = canBuildOn ? dice == 0 : dice < 5;
    boolean willInit = !image && (!canBuildOn || dice == 1);
    byte[] value = new byte[random.nextInt(400)];
    random.nextBytes(value);
    return new Ledger.Entry(key, at, image, willInit, Base64.getEncoder().encodeToString(value));
  }

  private static ByteBuffer bytes(Ledger.Entry entry) {
    return ByteBuffer.wrap(Base64.getDecoder().decode(entry.value()));
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
  @SuppressWarnings("NullAway") // Kafka takes null keys and null values; its signatures do not say.
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
