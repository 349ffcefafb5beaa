package io.walstrata.ingest.deadletter;

import io.walstrata.ingest.config.ClientSettings;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes Kafka's clients for one dead-letter topic.
 *
 * @param bootstrapServers where the brokers are
 * @param topic the dead-letter topic
 * @param passedOn settings for the clients, by the name without {@code streams.}; each gets those
 *     that it knows
 */
public record DeadLetterClients(
    String bootstrapServers, String topic, Map<String, String> passedOn) {
  private static final int CALL_TIMEOUT_MS = 30_000;
  private static final int POLL_RECORDS = 100;

  public DeadLetterClients {
    passedOn = Map.copyOf(passedOn);
  }

  /** Returns a consumer of committed records: headers, and the lengths of keys and values. */
  Consumer<byte[], byte[]> consumer() {
    return consumer("read_committed", POLL_RECORDS, new Lengths());
  }

  /** Returns a consumer as {@link #consumer} of all records, committed, open or aborted. */
  Consumer<byte[], byte[]> uncommittedConsumer() {
    return consumer("read_uncommitted", POLL_RECORDS, new Lengths());
  }

  /** Returns a consumer of committed records with keys and values, one record at a time. */
  Consumer<byte[], byte[]> wholeConsumer() {
    return consumer("read_committed", 1, new ByteArrayDeserializer());
  }

  private Consumer<byte[], byte[]> consumer(
      String isolation, int pollRecords, Deserializer<byte[]> bytes) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, pollRecords);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, CALL_TIMEOUT_MS);
    settings.putAll(ClientSettings.known(passedOn, "consumer.", ConsumerConfig.configNames()));
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    return new KafkaConsumer<>(settings, bytes, bytes);
  }

  /**
   * Keeps no bytes. With compression, letters may take any multiple of what the broker stores, and
   * a poll's letters are in memory together; the lengths are known without the bytes.
   */
  static final class Lengths extends ByteArrayDeserializer {
    private static final byte[] NOTHING = {};

    @Override
    public byte[] deserialize(String topic, Headers headers, @Nullable ByteBuffer data) {
      for (Header header : headers) {
        // Until they are read, they hold the bytes of the whole record.
        header.key();
        header.value();
      }
      return NOTHING;
    }
  }

  /** Returns the producer of a replay; a second one for the same topic fences the first. */
  Producer<byte[], byte[]> producer() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    // What fitted once fits again; the topic's limit decides.
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 256L << 20);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, CALL_TIMEOUT_MS);
    // A replay that was killed holds up those who read committed records for so long.
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 15_000);
    settings.putAll(ClientSettings.known(passedOn, "producer.", ProducerConfig.configNames()));
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic + "-replay");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
