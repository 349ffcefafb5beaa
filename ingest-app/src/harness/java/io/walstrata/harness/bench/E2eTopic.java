package io.walstrata.harness.bench;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.ingest.produce.ProduceException;
import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.ingest.produce.SyntheticContent;
import io.walstrata.ingest.produce.SyntheticProducer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalValueKind;
import io.walstrata.schemas.serde.WalSerializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A topic of one partition and one timeline, written by {@code walstrata produce synthetic}: images
 * of keys in no order, each written about four times.
 */
final class E2eTopic {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int VERSIONS_PER_KEY = 4;

  private final String name;
  private final E2eCell cell;
  private final long versions;
  private final long keys;
  private final String bootstrapServers;
  private final String registryUrl;
  private final Map<String, String> settings;
  private final SyntheticContent content;

  /**
   * @param versions a multiple of 4
   */
  E2eTopic(String name, E2eCell cell, long versions, String bootstrapServers, String registryUrl) {
    this(name, cell, versions, versions / VERSIONS_PER_KEY, bootstrapServers, registryUrl);
  }

  /**
   * @param versions in the topic
   * @param keys that they are of
   */
  E2eTopic(
      String name,
      E2eCell cell,
      long versions,
      long keys,
      String bootstrapServers,
      String registryUrl) {
    this.name = name;
    this.cell = cell;
    this.versions = versions;
    this.keys = keys;
    this.bootstrapServers = bootstrapServers;
    this.registryUrl = registryUrl;
    this.settings =
        new TreeMap<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "schema.registry.url",
                registryUrl,
                "topic",
                name,
                "message",
                cell.message().setting(),
                "value-bytes",
                Integer.toString(cell.valueBytes()),
                "versions",
                Long.toString(versions),
                "keys",
                Long.toString(keys),
                "image-every",
                "1"));
    this.content = SyntheticProducer.content(settings);
  }

  /** Makes the topic and fills it. */
  void fill(BrokerServer broker) throws IOException, InterruptedException {
    broker.createTopic(name, 1, Map.of("retention.ms", "-1"));
    try (ProducerHandle producer = SyntheticProducer.start(settings)) {
      if (!producer.await(PATIENCE)) {
        throw new IOException("the producer does not end: topic=" + name);
      }
      if (producer.failure().isPresent()) {
        throw failed(producer.failure().get());
      }
    } catch (ProduceException e) {
      throw failed(e);
    }
  }

  /** The command line shows the message alone. */
  private IOException failed(ProduceException cause) {
    return new IOException(
        "the producer failed: topic=" + name + ", error=" + cause.getMessage(), cause);
  }

  /** Returns the same topic with more versions of the same keys; {@link #append} writes them. */
  E2eTopic withVersions(long versions) {
    return new E2eTopic(name, cell, versions, keys, bootstrapServers, registryUrl);
  }

  /**
   * Sends versions to the topic, a message each.
   *
   * @param from the first
   * @param to the first that is not sent
   */
  void append(long from, long to) throws IOException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        WalSerializer serializer = new WalSerializer(Map.of("schema.registry.url", registryUrl))) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (long i = from; i < to; i++) {
        byte[] message = serializer.write(name, message(i));
        sent.add(producer.send(new ProducerRecord<>(name, 0, timeline().toBytes(), message)));
      }
      producer.flush();
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(
          "cannot write to the topic: topic=" + name + ", error=" + e.getCause(), e.getCause());
    }
  }

  private WalRecord message(long version) {
    return new WalRecord(
        new WalTimelineId(timeline().toBytes()),
        lsn(version).value(),
        new WalPageKey(key(version).toBytes()),
        WalValueKind.IMAGE,
        false,
        ByteBuffer.wrap(value(version)));
  }

  String name() {
    return name;
  }

  int valueBytes() {
    return cell.valueBytes();
  }

  long keys() {
    return keys;
  }

  long versions() {
    return versions;
  }

  TimelineId timeline() {
    return content.timeline(0);
  }

  Lsn lsn(long version) {
    return content.lsn(version);
  }

  PageKey key(long version) {
    return content.key(timeline(), version);
  }

  byte[] value(long version) {
    return content.value(timeline(), key(version), lsn(version));
  }

  /** Returns the LSN of the last version. */
  Lsn lastLsn() {
    return lsn(versions - 1);
  }

  /** Returns the key of the last version. */
  PageKey lastKey() {
    return key(versions - 1);
  }

  /** Returns the value of the last version. */
  byte[] lastValue() {
    return value(versions - 1);
  }
}
