package io.walstrata.ingest.produce;

import io.walstrata.ingest.config.ClientSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes Kafka's clients from {@link ProduceConfig}, with the settings that claims rely on. */
final class KafkaClients {
  /** Room for key, headers and the record's own fields within {@code max.request.size}. */
  static final int REQUEST_MARGIN_BYTES = 1024;

  private static final int DEFAULT_MAX_REQUEST_BYTES = 1 << 20;
  private static final int BUFFER_BYTES = 64 << 20;

  /** Values that order and completeness of the topic depend on. */
  private static final Map<String, Set<String>> FIXED =
      Map.of(
          ProducerConfig.ACKS_CONFIG, Set.of("all", "-1"),
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, Set.of("true"),
          ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, Set.of("1", "2", "3", "4", "5"));

  private static final Set<String> REFUSED =
      Set.of(
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.PARTITIONER_CLASS_CONFIG,
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG);

  private KafkaClients() {}

  /**
   * Adds what is wrong with {@code producer.*} settings to the faults. An unknown name is always
   * wrong: no other client of the process reads it.
   */
  static void checkPassedOn(Map<String, String> producer, List<String> faults) {
    producer.forEach(
        (name, value) -> {
          Set<String> allowed = FIXED.get(name);
          if (REFUSED.contains(name)) {
            faults.add("setting cannot be passed on: name=producer." + name);
          } else if (allowed != null && !allowed.contains(value)) {
            faults.add(
                "setting would break the order or the completeness of the topic: name=producer."
                    + (name + ", value=" + value + ", allowed=" + allowed));
          } else if (!ProducerConfig.configNames().contains(name)) {
            String full = ProduceConfig.PRODUCER_PREFIX + name;
            faults.add(
                "kafka's producer has no such setting: name="
                    + full
                    + ClientSettings.near(full, name, ProducerConfig.configNames())
                        .map(near -> ", did you mean " + near + "?")
                        .orElse(""));
          }
        });
    maxRequestBytes(producer, faults);
  }

  private static int maxRequestBytes(Map<String, String> producer, List<String> faults) {
    String text =
        producer.getOrDefault(
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(DEFAULT_MAX_REQUEST_BYTES));
    try {
      int bytes = Integer.parseInt(text);
      if (bytes >= 2 * REQUEST_MARGIN_BYTES) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    faults.add("expected a number of 2048 or more: name=producer.max.request.size, value=" + text);
    return DEFAULT_MAX_REQUEST_BYTES;
  }

  /**
   * Returns the largest request to Kafka, in bytes: what is set, or else what the topic accepts, as
   * far as it fits into the producer's buffer.
   *
   * @param topicBytes the topic's {@code max.message.bytes}; negative if it is not known
   */
  static int maxRequestBytes(ProduceConfig config, int topicBytes) {
    Map<String, String> passedOn = config.passedOn(ProduceConfig.PRODUCER_PREFIX);
    int set = maxRequestBytes(passedOn, new java.util.ArrayList<>());
    if (passedOn.containsKey(ProducerConfig.MAX_REQUEST_SIZE_CONFIG)
        || passedOn.containsKey(ProducerConfig.BUFFER_MEMORY_CONFIG)) {
      return set;
    }
    return Math.max(set, Math.min(topicBytes, BUFFER_BYTES / 2));
  }

  /**
   * @param maxRequestBytes from {@link #maxRequestBytes}
   */
  static Producer<byte[], byte[]> producer(ProduceConfig config, int maxRequestBytes) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 << 10);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, (long) BUFFER_BYTES);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRequestBytes);
    // Waits for a broker that is unavailable: a message that fails would end the producer.
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.MAX_VALUE);
    settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.putAll(config.passedOn(ProduceConfig.PRODUCER_PREFIX));
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(config));
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Returns a consumer without a group that sees committed messages only. */
  static Consumer<byte[], byte[]> consumer(ProduceConfig config) {
    Map<String, Object> settings = shared(config, ConsumerConfig.configNames());
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 << 20);
    settings.putAll(config.passedOn(ProduceConfig.CONSUMER_PREFIX));
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    settings.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(startTimeout(config)));
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static Admin admin(ProduceConfig config) {
    Map<String, Object> settings = shared(config, AdminClientConfig.configNames());
    settings.put(
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(startTimeout(config)));
    settings.put(
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
        Math.toIntExact(Math.min(startTimeout(config), Duration.ofSeconds(10).toMillis())));
    return Admin.create(settings);
  }

  /** Returns those {@code producer.*} settings that another client has too: security above all. */
  private static Map<String, Object> shared(ProduceConfig config, Set<String> names) {
    Map<String, Object> settings =
        ClientSettings.known(config.passedOn(ProduceConfig.PRODUCER_PREFIX), names);
    settings
        .keySet()
        .removeIf(
            name ->
                name.startsWith("interceptor.")
                    || name.equals(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG));
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap(config));
    return settings;
  }

  private static String bootstrap(ProduceConfig config) {
    return config.string(ProduceConfig.BOOTSTRAP_SERVERS);
  }

  private static long startTimeout(ProduceConfig config) {
    return config.seconds(ProduceConfig.START_TIMEOUT_S).toMillis();
  }
}
