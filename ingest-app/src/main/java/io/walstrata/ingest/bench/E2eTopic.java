package io.walstrata.ingest.bench;

import io.walstrata.ingest.demo.BrokerServer;
import io.walstrata.ingest.produce.ProduceException;
import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.ingest.produce.SyntheticContent;
import io.walstrata.ingest.produce.SyntheticProducer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * A topic of one partition and one timeline, written by {@code walstrata produce synthetic}: images
 * of keys in no order, each written about four times.
 */
final class E2eTopic {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int VERSIONS_PER_KEY = 4;

  private final String name;
  private final Map<String, String> settings;
  private final SyntheticContent content;
  private final long versions;

  /**
   * @param versions a multiple of 4
   */
  E2eTopic(String name, E2eCell cell, long versions, String bootstrapServers, String registryUrl) {
    this.name = name;
    this.versions = versions;
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
                Long.toString(versions / VERSIONS_PER_KEY),
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
        throw new IOException("the producer failed: topic=" + name, producer.failure().get());
      }
    } catch (ProduceException e) {
      throw new IOException("cannot produce: topic=" + name, e);
    }
  }

  String name() {
    return name;
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
