package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import io.walstrata.schemas.serde.WalDeserializer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a topic holds of one timeline, in order, and whether the claims in it keep to their rules: a
 * claim never goes back, nothing comes at or below a claim, and no claim is above what follows it.
 */
final class TopicContents {
  /** Versions as {@code lsn key kind hash-of-bytes}, tombstones as {@code lsn drop start-end}. */
  final List<String> changes = new ArrayList<>();

  final List<String> faults = new ArrayList<>();
  final List<SpecificRecord> messages = new ArrayList<>();
  Lsn claim = Lsn.INVALID;
  private Lsn last = Lsn.INVALID;
  private final Set<String> atLast = new HashSet<>();

  /** Reads all of a topic. */
  static TopicContents read(String bootstrap, String registry, String topic, TimelineId timeline) {
    TopicContents contents = new TopicContents();
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        WalDeserializer deserializer =
            new WalDeserializer(Map.of("schema.registry.url", registry))) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      for (TopicPartition partition : partitions) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        while (consumer.position(partition) < end) {
          for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(200))) {
            SpecificRecord body = deserializer.deserialize(topic, message.value());
            if (body != null) {
              contents.add(timeline, body);
            }
          }
        }
      }
    }
    return contents;
  }

  void add(TimelineId timeline, SpecificRecord body) {
    if (body instanceof WalBatch batch && isOf(timeline, batch.getTimeline().bytes())) {
      messages.add(body);
      for (WalBatchEntry entry : batch.getEntries()) {
        byte[] value = new byte[entry.getLength()];
        batch.getRaw().duplicate().position(entry.getOffset()).get(value);
        version(
            Lsn.of(entry.getLsn()),
            PageKey.read(entry.getKey().bytes(), 0),
            ValueKind.of(entry.getFlags()),
            value);
      }
      claim(Lsn.of(batch.getEndLsn()));
    } else if (body instanceof WalRecord record && isOf(timeline, record.getTimeline().bytes())) {
      messages.add(body);
      ByteBuffer bytes = record.getValue().duplicate();
      byte[] value = new byte[bytes.remaining()];
      bytes.get(value);
      version(
          Lsn.of(record.getLsn()),
          PageKey.read(record.getKey().bytes(), 0),
          record.getKind() == WalValueKind.IMAGE
              ? ValueKind.IMAGE
              : record.getWillInit() ? ValueKind.WAL_RECORD_WILL_INIT : ValueKind.WAL_RECORD,
          value);
    } else if (body instanceof WalTombstone tombstone
        && isOf(timeline, tombstone.getTimeline().bytes())) {
      messages.add(body);
      Lsn lsn = Lsn.of(tombstone.getLsn());
      change(
          lsn,
          dropped(
              lsn,
              new KeyRange(
                  PageKey.read(tombstone.getStartKey().bytes(), 0),
                  PageKey.read(tombstone.getEndKey().bytes(), 0))));
    } else if (body instanceof WalProgress progress
        && isOf(timeline, progress.getTimeline().bytes())) {
      messages.add(body);
      claim(Lsn.of(progress.getLsn()));
    }
  }

  private static boolean isOf(TimelineId timeline, byte[] id) {
    return TimelineId.of(id).equals(timeline);
  }

  private void version(Lsn lsn, PageKey key, ValueKind kind, byte[] value) {
    change(lsn, put(lsn, key, kind, value));
  }

  static String put(Lsn lsn, PageKey key, ValueKind kind, byte[] value) {
    return lsn + " " + key + " " + kind + " " + value.length + " " + hash(value);
  }

  static String dropped(Lsn lsn, KeyRange range) {
    return lsn + " drop " + range;
  }

  private static String hash(byte[] value) {
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(value);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /**
   * Notes a change. A producer that was killed between the messages of one WAL record sends all of
   * that record again; the store takes the same change at the same LSN as one, and so does this.
   * After a claim, no change at or below its LSN may come again.
   */
  private void change(Lsn lsn, String change) {
    inOrder(lsn);
    if (atLast.add(change)) {
      changes.add(change);
    }
  }

  private void inOrder(Lsn lsn) {
    if (!claim.isBefore(lsn)) {
      faults.add("at or below a claim: lsn=" + lsn + ", claim=" + claim);
    }
    if (lsn.isBefore(last)) {
      faults.add("goes back: lsn=" + lsn + ", last=" + last);
    }
    if (!lsn.equals(last)) {
      atLast.clear();
    }
    last = lsn;
  }

  private void claim(Lsn lsn) {
    if (lsn.equals(Lsn.INVALID)) {
      return;
    }
    if (lsn.isBefore(claim)) {
      faults.add("claim goes back: lsn=" + lsn + ", claim=" + claim);
    }
    claim = lsn;
  }
}
