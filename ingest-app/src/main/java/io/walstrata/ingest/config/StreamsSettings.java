package io.walstrata.ingest.config;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.streams.StreamsConfig;

/** The settings of Kafka Streams, and which of them may not be changed. */
final class StreamsSettings {
  /** Longest prefixes first: a name is stripped of the first that fits. */
  private static final List<String> CLIENT_PREFIXES =
      List.of(
          StreamsConfig.MAIN_CONSUMER_PREFIX,
          StreamsConfig.RESTORE_CONSUMER_PREFIX,
          StreamsConfig.GLOBAL_CONSUMER_PREFIX,
          StreamsConfig.CONSUMER_PREFIX,
          StreamsConfig.PRODUCER_PREFIX,
          StreamsConfig.ADMIN_CLIENT_PREFIX,
          StreamsConfig.TOPIC_PREFIX);

  /** Settings of Streams that have a name of their own here; two names could have two values. */
  private static final Map<String, String> OWN =
      Map.of(
          StreamsConfig.APPLICATION_ID_CONFIG, IngestSettings.APPLICATION_ID,
          StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, IngestSettings.BOOTSTRAP_SERVERS,
          StreamsConfig.STATE_DIR_CONFIG, IngestSettings.STATE_DIR,
          StreamsConfig.APPLICATION_SERVER_CONFIG, IngestSettings.ADVERTISED_HTTP_ADDRESS);

  private StreamsSettings() {}

  @SuppressWarnings("deprecation") // The setting goes away when its only value does.
  static Properties of(IngestConfig config, Map<String, String> overrides) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
    // State is exactly-once under at_least_once too, because the store skips what its layers cover;
    // exactly_once_v2 adds the same for dead letters, and costs a transaction per commit.
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    // A task has one partition and need not wait for another; the check for that before each record
    // took 6 % of a thread's time where records are small.
    properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    consumer(properties);
    fetches(properties, threads(overrides));
    deadLetters(properties, config.recordMaxBytes());
    properties.putAll(overrides);
    return properties;
  }

  /** Returns the number of stream threads with these overrides, by default 1. */
  static int threads(Map<String, String> overrides) {
    return Integer.parseInt(
        overrides.getOrDefault(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "1").strip());
  }

  /**
   * A dead letter is as large as its message, which may be in its topic compressed to a fraction of
   * that: only the heap and the dead-letter topic's own limit may refuse it, since the job cannot
   * continue before it is written.
   */
  private static void deadLetters(Properties properties, long recordMaxBytes) {
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Integer.MAX_VALUE);
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG),
        Math.max(32L << 20, recordMaxBytes + DeadLetterHeaders.MAX_BYTES));
  }

  /**
   * A consumer asks for the next records before it returns some, but reads the answer in the next
   * poll: until then the broker can send no more than the socket buffers. With Kafka's 64 KiB of
   * that, and 1 MiB in an answer, a job that works between polls waits in each of them for several
   * threads of the broker. So the kernel sizes the socket's buffer, which can then grow, and
   * answers are larger.
   */
  private static void fetches(Properties properties, int threads) {
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), -1);
    long heap = Runtime.getRuntime().maxMemory();
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        partitionFetchBytes(heap));
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG),
        fetchBytes(heap, threads));
    // What a poll unpacks is bounded by its bytes, but for records without key and value.
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), pollRecords(heap));
  }

  /**
   * Returns how many records a poll may have, less with a small heap: a quarter of it holds as many
   * of 1 MiB, which may be all headers.
   */
  static int pollRecords(long heapBytes) {
    return (int) Math.max(32, Math.min(1000, heapBytes >> 22));
  }

  /**
   * Returns how much of a partition an answer may have, compressed as it is. A consumer that has
   * more to do keeps an answer of each of its partitions, so this times the partitions is what a
   * busy instance holds, however small {@code fetch.max.bytes} is.
   */
  static int partitionFetchBytes(long heapBytes) {
    return (int) Math.max(64 << 10, Math.min(8 << 20, heapBytes / 256));
  }

  /**
   * Returns how much of all partitions of one broker an answer may have: Kafka's default, less with
   * a small heap or more stream threads, each of which has such an answer of each broker.
   */
  static int fetchBytes(long heapBytes, int threads) {
    return (int) Math.max(1 << 20, Math.min(50 << 20, heapBytes / (16L * Math.max(1, threads))));
  }

  private static void consumer(Properties properties) {
    // History starts with the topic's first record; "latest" would leave a gap.
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    // Records of aborted transactions are not WAL, whatever the processing guarantee of this job.
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
    // New partitions of a topic are found with new metadata, by default after five minutes.
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.METADATA_MAX_AGE_CONFIG), 30_000);
    // The group keeps a killed member's partitions for this time: 45 s by default. Heartbeats are
    // sent by a thread of their own, so a long poll loop does not need more.
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 3_000);
    // A poll loop waits while the registry is away or writing layer files lags. The member must not
    // be removed from the group for that.
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG), 900_000);
  }

  /** Returns what is wrong with these overrides, each with its full name; empty if nothing is. */
  static List<String> faults(Map<String, String> overrides) {
    List<String> faults = new ArrayList<>();
    Set<String> known = known();
    for (Map.Entry<String, String> override : overrides.entrySet()) {
      String name = override.getKey();
      String full = IngestSettings.STREAMS_PREFIX + name;
      String own = OWN.get(withoutPrefix(name));
      if (own != null) {
        faults.add("set " + own + " instead of " + full);
      } else if (withoutPrefix(name).equals(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG)
          && !override.getValue().equals("earliest")) {
        faults.add(
            full
                + " must be earliest, anything else leaves a gap in history: value="
                + override.getValue());
      } else if (withoutPrefix(name).equals(ConsumerConfig.ISOLATION_LEVEL_CONFIG)
          && !override.getValue().equals("read_committed")) {
        faults.add(
            full
                + " must be read_committed, records of aborted transactions are not WAL: value="
                + override.getValue());
      } else if (name.equals(StreamsConfig.GROUP_PROTOCOL_CONFIG)
          && !override.getValue().equalsIgnoreCase("classic")) {
        faults.add(
            full
                + " must be classic, under another protocol records that a topic loses while it is"
                + " read would be skipped: value="
                + override.getValue());
      } else if (!name.startsWith(StreamsConfig.TOPIC_PREFIX)
          && !known.contains(withoutPrefix(name))) {
        ClientSettings.fault(full, withoutPrefix(name), known).ifPresent(faults::add);
      }
    }
    // Values of Streams' own settings; those of the clients are checked by the clients.
    Map<String, String> own = new HashMap<>(overrides);
    own.keySet().retainAll(StreamsConfig.configDef().names());
    for (ConfigValue value : StreamsConfig.configDef().validate(own)) {
      if (own.containsKey(value.name())) {
        value
            .errorMessages()
            .forEach(
                error ->
                    faults.add(
                        error.replace(value.name(), IngestSettings.STREAMS_PREFIX + value.name())));
      }
    }
    return faults;
  }

  private static String withoutPrefix(String name) {
    for (String prefix : CLIENT_PREFIXES) {
      if (name.startsWith(prefix)) {
        return name.substring(prefix.length());
      }
    }
    return name;
  }

  private static Set<String> known() {
    Set<String> names = new HashSet<>(StreamsConfig.configDef().names());
    names.addAll(ClientSettings.namesOfKafka());
    return names;
  }
}
