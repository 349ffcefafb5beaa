package io.walstrata.harness.bench;

import io.walstrata.ingest.IngestTopology;
import io.walstrata.ingest.avro.AvroWalDecoders;
import io.walstrata.ingest.avro.DecodeRules;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.StatusQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.jspecify.annotations.Nullable;

/** Reads a topic once, with one system, from nothing. */
final class E2eRun {
  private static final long POLL_MS = 5; // each is a query, and takes its time of the processors
  private static final List<String> FETCH_SETTINGS =
      List.of(
          ConsumerConfig.RECEIVE_BUFFER_CONFIG,
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
          ConsumerConfig.FETCH_MAX_BYTES_CONFIG);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final E2eTopic topic;
  private final long messages;
  private final String bootstrapServers;
  private final String registryUrl;
  private final Path directory;
  private final Duration limit;

  /**
   * @param messages how many the topic has
   * @param directory for stores; absent or empty
   * @param limit end after this time; what was taken in by then counts
   */
  E2eRun(
      E2eTopic topic,
      long messages,
      String bootstrapServers,
      String registryUrl,
      Path directory,
      Duration limit) {
    this.topic = topic;
    this.messages = messages;
    this.bootstrapServers = bootstrapServers;
    this.registryUrl = registryUrl;
    this.directory = directory;
    this.limit = limit;
  }

  E2eSample run(E2eSystem system, String applicationId) throws IOException, InterruptedException {
    return switch (system) {
      case CONSUMER -> consume(Map.of());
      case CONSUMER_AS_JOB -> consume(fetchesOf(config(applicationId).streamsSettings()));
      case WALSTRATA -> walstrata(config(applicationId));
      case ROCKSDB, VERSIONED -> peer(system, applicationId);
    };
  }

  /** Returns those of the job's settings that decide how much a consumer fetches at a time. */
  private static Map<String, Object> fetchesOf(Properties job) {
    Map<String, Object> settings = new TreeMap<>();
    for (String name : FETCH_SETTINGS) {
      Object value = job.get(StreamsConfig.consumerPrefix(name));
      if (value != null) {
        settings.put(name, value);
      }
    }
    return settings;
  }

  private E2eSample consume(Map<String, Object> fetches) {
    Map<String, Object> settings = new TreeMap<>(fetches);
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    double cpu = Machine.cpuSeconds();
    final long started = System.nanoTime();
    long first = 0;
    long last = 0;
    long count = 0;
    long bytes = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic.name(), 0)));
      while (count < messages) {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(100));
        if (first == 0 && !polled.isEmpty()) {
          first = System.nanoTime();
        }
        for (ConsumerRecord<byte[], byte[]> each : polled) {
          bytes += each.value().length;
          count++;
        }
      }
      last = System.nanoTime();
    }
    if (bytes == 0) {
      throw new IllegalStateException("nothing was read: topic=" + topic.name());
    }
    return sample(messages, started, first, last, cpu);
  }

  private IngestConfig config(String applicationId) {
    return IngestConfig.of(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "schema.registry.url",
            registryUrl,
            "wal.topics",
            topic.name(),
            "application.id",
            applicationId,
            "on.bad.record",
            "fail",
            "layers.home",
            directory.resolve("layers").toString(),
            "state.dir",
            directory.resolve("state").toString()));
  }

  private E2eSample walstrata(IngestConfig config) throws IOException, InterruptedException {
    String store = "layers-" + topic.name();
    try (StoreResources resources = StoreResources.create(config.storeBounds());
        AvroWalDecoders decoders =
            AvroWalDecoders.open(config.registrySettings(), DecodeRules.NONE)) {
      return stream(
          IngestTopology.build(config, resources, decoders),
          config.streamsSettings(),
          streams -> {
            LayerStoreStatus status = query(streams, store, StatusQuery.instance());
            return status == null ? -1 : status.ingestedOffset().orElse(-1);
          },
          streams -> {
            ReadAnswer<ReconstructData> answer =
                query(
                    streams,
                    store,
                    PageQuery.withKey(topic.timeline(), topic.lastKey()).asOf(topic.lastLsn()));
            @Nullable Version base = answer == null ? null : answer.orElseThrow().base();
            if (base == null || !Arrays.equals(base.value().bytes(), topic.lastValue())) {
              throw new IllegalStateException("the last version is not there: answer=" + answer);
            }
          });
    }
  }

  private static <R> @Nullable R query(KafkaStreams streams, String store, Query<R> query) {
    try {
      Map<Integer, QueryResult<R>> results =
          streams.query(StateQueryRequest.inStore(store).withQuery(query)).getPartitionResults();
      QueryResult<R> result = results.get(0);
      return result == null || result.isFailure() ? null : result.getResult();
    } catch (InvalidStateStoreException e) {
      return null;
    }
  }

  private E2eSample peer(E2eSystem system, String applicationId)
      throws IOException, InterruptedException {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.resolve("state").toString());
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    try (AvroWalDecoders decoders =
        AvroWalDecoders.open(Map.of("schema.registry.url", registryUrl), DecodeRules.NONE)) {
      PeerTopology topology = new PeerTopology(system, decoders, topic.lastLsn());
      return stream(
          topology.build(topic.name()), settings, streams -> topology.position(), streams -> {});
    }
  }

  private interface Position {
    long of(KafkaStreams streams);
  }

  private interface Check {
    void run(KafkaStreams streams);
  }

  private E2eSample stream(Topology topology, Properties settings, Position position, Check check)
      throws IOException, InterruptedException {
    double cpu = Machine.cpuSeconds();
    final long started = System.nanoTime();
    try (KafkaStreams streams = new KafkaStreams(topology, settings)) {
      streams.start();
      LongSupplier now = () -> position.of(streams);
      if (await(now, 0, START_LIMIT) < 0) {
        throw new IOException("nothing comes: topic=" + topic.name() + " " + streams.state());
      }
      final long first = System.nanoTime();
      long reached = await(now, messages - 1, limit);
      E2eSample sample = sample(reached + 1, started, first, System.nanoTime(), cpu);
      if (reached == messages - 1) {
        check.run(streams);
      }
      return sample;
    }
  }

  private static long await(LongSupplier position, long wanted, Duration limit)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    long reached = position.getAsLong();
    while (reached < wanted && System.nanoTime() - deadline < 0) {
      Thread.sleep(POLL_MS);
      reached = position.getAsLong();
    }
    return reached;
  }

  private E2eSample sample(long count, long started, long first, long last, double cpu) {
    return new E2eSample(
        count,
        (double) count / messages,
        (last - first) / 1e9,
        (first - started) / 1e9,
        Machine.cpuSeconds() - cpu);
  }
}
