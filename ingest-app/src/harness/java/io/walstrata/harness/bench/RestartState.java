package io.walstrata.harness.bench;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes delta layers of any size, and a topic that begins where they end, as a topic does whose
 * retention has passed.
 */
final class RestartState {
  /*
   * The engine writes the layers directly, frozen as the job freezes by default: a broker would only
   * make it slower. So that offsets are right, the topic first gets as many empty records as the
   * layers cover, which are deleted again.
   */
  private static final int VERSIONS_PER_OFFSET = 64;
  private static final byte[] EMPTY = new byte[0];

  private final E2eTopic content;
  private final long tail;

  /**
   * @param content all versions
   * @param tail how many of them, the last ones, are in the topic and not in layers; one each
   *     message
   */
  RestartState(E2eTopic content, long tail) {
    this.content = content;
    this.tail = tail;
  }

  /** Writes layers and topic. */
  void make(Path layersHome, BrokerServer broker) throws IOException, InterruptedException {
    long offset = writeLayers(layersHome.resolve(content.name()).resolve("0"));
    broker.createTopic(content.name(), 1, Map.of("retention.ms", "-1"));
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        Admin admin = broker.admin()) {
      for (long i = 0; i <= offset; i++) {
        var unused =
            producer.send(
                new ProducerRecord<>(content.name(), 0, content.timeline().toBytes(), EMPTY));
      }
      producer.flush();
      admin
          .deleteRecords(
              Map.of(
                  new TopicPartition(content.name(), 0), RecordsToDelete.beforeOffset(offset + 1)))
          .all()
          .get();
    } catch (ExecutionException e) {
      throw new IOException("cannot make the topic: " + e.getCause(), e);
    }
    content.append(content.versions() - tail, content.versions());
  }

  /** Returns the last offset that the layers cover. */
  private long writeLayers(Path home) throws IOException, InterruptedException {
    long versions = content.versions() - tail;
    long offset = 0;
    long bytes = 0;
    try (LayerStore store =
        LayerStore.open(
            LayerHomes.partition(home),
            home.resolveSibling("scratch"),
            LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      for (long i = 0; i < versions; i++) {
        offset = i / VERSIONS_PER_OFFSET;
        byte[] value = content.value(i);
        writer.put(offset, content.timeline(), content.key(i), content.lsn(i), Value.image(value));
        bytes += value.length;
        if (bytes >= FreezePolicy.DEFAULTS.everyBytes()
            && i % VERSIONS_PER_OFFSET == VERSIONS_PER_OFFSET - 1) {
          writer.freeze(offset);
          bytes = 0;
        }
      }
      writer.freeze(offset);
      writer.awaitFlushed();
    }
    return offset;
  }
}
