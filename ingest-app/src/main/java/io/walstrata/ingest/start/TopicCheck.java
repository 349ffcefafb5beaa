package io.walstrata.ingest.start;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.layerstore.retry.Backoff;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the job's topics before it starts: waits for the WAL topics, makes the dead-letter topic.
 */
final class TopicCheck {
  private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);

  private static final int CALL_TIMEOUT_MS = 10_000;
  private static final Backoff LOOKING = Backoff.constant(Duration.ofMillis(500));
  private static final Duration REMIND = Duration.ofSeconds(10);

  private final IngestConfig config;
  private final Admin admin;
  private final BooleanSupplier isStopped;
  private int largestMessage = 1 << 20;

  /**
   * @param isStopped asked while waiting, to give up
   */
  TopicCheck(IngestConfig config, Admin admin, BooleanSupplier isStopped) {
    this.config = config;
    this.admin = admin;
    this.isStopped = isStopped;
  }

  /**
   * Waits for the WAL topics, and refuses what cannot be ingested. Changes nothing.
   *
   * @return how many partitions each WAL topic has
   */
  Map<String, Integer> run() throws StartupException, InterruptedException {
    Map<String, Integer> partitions = awaitWalTopics();
    checkConfigs();
    return partitions;
  }

  /**
   * Makes the dead-letter topic, or has it take letters as large as they may be; after {@link
   * #run}.
   *
   * @throws StartupException if it takes less than a message of a WAL topic can need
   */
  void prepareDeadLetters() throws StartupException, InterruptedException {
    if (!config.failsOnBadRecord()) {
      checkProducer();
      if (!makeDeadLetterTopic()) {
        checkDeadLetterLimit();
      }
    }
  }

  /** Returns the size of a dead letter of the largest message of a WAL topic. */
  private long neededBytes() {
    return Math.min(Integer.MAX_VALUE, (long) largestMessage + DeadLetterHeaders.MAX_BYTES);
  }

  /** Returns the size of a dead letter of the largest record that the job accepts, unpacked. */
  private long wantedBytes() {
    return Math.max(
        neededBytes(),
        Math.min(Integer.MAX_VALUE, config.recordMaxBytes() + DeadLetterHeaders.MAX_BYTES));
  }

  /** A record that is larger than the job accepts never gets to the producer. */
  private void checkProducer() throws StartupException {
    long needed = Math.min(neededBytes(), config.recordMaxBytes() + DeadLetterHeaders.MAX_BYTES);
    for (String name :
        List.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, ProducerConfig.BUFFER_MEMORY_CONFIG)) {
      long limit = producerLimit(name);
      if (limit < needed) {
        throw new StartupException(
            "the dead-letter producer's limit is less than a WAL topic's message can need, raise"
                + " or remove the setting: "
                + IngestSettings.STREAMS_PREFIX
                + StreamsConfig.producerPrefix(name)
                + "="
                + limit
                + ", neededBytes="
                + needed);
      }
    }
  }

  private long producerLimit(String name) {
    Object limit = config.streamsSettings().get(StreamsConfig.producerPrefix(name));
    try {
      return Long.parseLong(String.valueOf(limit).strip());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE; // the producer reports it
    }
  }

  private void checkDeadLetterLimit() throws StartupException, InterruptedException {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, config.deadLetterTopic());
    long limit;
    try {
      limit = limit(admin.describeConfigs(List.of(topic)).all().get().values().iterator().next());
    } catch (ExecutionException e) {
      LOG.warn(
          "cannot check the dead-letter topic's settings: topic={}, error={}",
          topic.name(),
          String.valueOf(e.getCause()));
      return;
    }
    if (limit < wantedBytes()) {
      raiseDeadLetterLimit(topic, limit);
    }
  }

  private void raiseDeadLetterLimit(ConfigResource topic, long limit)
      throws StartupException, InterruptedException {
    AlterConfigOp raise =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Long.toString(wantedBytes())),
            AlterConfigOp.OpType.SET);
    try {
      admin
          .incrementalAlterConfigs(
              Map.of(topic, List.of(raise)), new AlterConfigsOptions().timeoutMs(CALL_TIMEOUT_MS))
          .all()
          .get();
      LOG.info(
          "raised the dead-letter topic's limit, so that it takes the largest record: topic={},"
              + " max.message.bytes={}, before={}",
          topic.name(),
          wantedBytes(),
          limit);
    } catch (ExecutionException e) {
      if (limit < neededBytes()) {
        throw failed(
            "the dead-letter topic takes less than a message of a WAL topic can need, and its limit"
                + " cannot be raised: set max.message.bytes of the topic, or allow this job to"
                + " alter it: topic="
                + topic.name()
                + ", max.message.bytes="
                + limit
                + ", neededBytes="
                + neededBytes()
                + ", largestWalMessageBytes="
                + largestMessage,
            e);
      }
      LOG.warn(
          "the dead-letter topic takes less than the largest record unpacked, and its limit cannot"
              + " be raised: topic={}, max.message.bytes={}, wantedBytes={}, error={}",
          topic.name(),
          limit,
          wantedBytes(),
          String.valueOf(e.getCause()));
    }
  }

  private static int limit(Config settings) {
    return Integer.parseInt(settings.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
  }

  private Map<String, Integer> awaitWalTopics() throws StartupException, InterruptedException {
    Backoff.Attempts attempts =
        LOOKING.within(Duration.ofMillis(config.startupTimeoutMs())).start();
    Duration reminded = REMIND.negated();
    while (true) {
      Map<String, Integer> partitions = new HashMap<>();
      String missing = describe(config.walTopics(), partitions);
      if (missing.isEmpty()) {
        return partitions;
      }
      if (isStopped.getAsBoolean()) {
        throw new StartupException("stopped while waiting: " + missing);
      }
      Duration waited = attempts.elapsed();
      Optional<Duration> pause = attempts.nextPause();
      if (pause.isEmpty()) {
        throw new StartupException(
            missing
                + ", waitedMs="
                + waited.toMillis()
                + "; wait longer with "
                + IngestSettings.STARTUP_TIMEOUT_MS);
      }
      if (waited.minus(reminded).compareTo(REMIND) >= 0) {
        LOG.warn("waiting: {}", missing);
        reminded = waited;
      }
      TimeUnit.NANOSECONDS.sleep(pause.get().toNanos());
    }
  }

  /**
   * Returns what is missing, with what to do about it; empty if nothing is.
   *
   * @param partitions is given the number of partitions of each topic that is there
   */
  private String describe(List<String> names, Map<String, Integer> partitions)
      throws StartupException, InterruptedException {
    Set<String> absent = new TreeSet<>();
    DescribeTopicsOptions options = new DescribeTopicsOptions().timeoutMs(callTimeoutMs());
    for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
        admin.describeTopics(names, options).topicNameValues().entrySet()) {
      try {
        partitions.put(topic.getKey(), topic.getValue().get().partitions().size());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof UnknownTopicOrPartitionException) {
          absent.add(topic.getKey());
        } else if (e.getCause() instanceof RetriableException) {
          return "no Kafka broker answers, set bootstrap.servers to one that runs:"
              + " bootstrap.servers="
              + config.bootstrapServers()
              + ", error="
              + e.getCause().getMessage();
        } else {
          throw failed("cannot describe topic " + topic.getKey(), e);
        }
      }
    }
    return absent.isEmpty()
        ? ""
        : "WAL topics do not exist, create them or start a producer: topics="
            + absent
            + ", bootstrap.servers="
            + config.bootstrapServers();
  }

  /**
   * Refuses compacted topics: messages of a timeline share their key, so compaction would delete
   * all but the last.
   */
  private void checkConfigs() throws StartupException, InterruptedException {
    List<ConfigResource> resources =
        config.walTopics().stream()
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
            .toList();
    List<String> compacted = new ArrayList<>();
    try {
      for (Map.Entry<ConfigResource, Config> topic :
          admin.describeConfigs(resources).all().get().entrySet()) {
        Config settings = topic.getValue();
        if (settings
            .get(TopicConfig.CLEANUP_POLICY_CONFIG)
            .value()
            .contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
          compacted.add(topic.getKey().name());
        }
        largestMessage = Math.max(largestMessage, limit(settings));
      }
    } catch (ExecutionException e) {
      LOG.warn(
          "cannot check the WAL topics' settings, continuing: error={}",
          String.valueOf(e.getCause()));
    }
    if (!compacted.isEmpty()) {
      throw new StartupException(
          "WAL topics are compacted, which deletes history; set cleanup.policy=delete: topics="
              + compacted);
    }
  }

  /** Returns false if it is there already. */
  private boolean makeDeadLetterTopic() throws StartupException, InterruptedException {
    String topic = config.deadLetterTopic();
    if (describe(List.of(topic), new HashMap<>()).isEmpty()) {
      return false;
    }
    // Letters are kept until they are deleted by hand; the limit fits the largest.
    NewTopic deadLetters =
        new NewTopic(topic, Optional.of(1), Optional.empty())
            .configs(
                Map.of(
                    TopicConfig.RETENTION_MS_CONFIG,
                    "-1",
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Long.toString(wantedBytes())));
    try {
      admin
          .createTopics(List.of(deadLetters), new CreateTopicsOptions().timeoutMs(CALL_TIMEOUT_MS))
          .all()
          .get();
      LOG.info("made the dead-letter topic: topic={}, partitions=1, retention.ms=-1", topic);
      return true;
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw failed(
            "the dead-letter topic does not exist and cannot be made, create it or set "
                + IngestSettings.DEAD_LETTER_TOPIC
                + ": topic="
                + topic,
            e);
      }
      return false;
    }
  }

  /** A call ends soon after the time that may be waited at all. */
  private int callTimeoutMs() {
    return (int) Math.min(CALL_TIMEOUT_MS, Math.max(1000, config.startupTimeoutMs()));
  }

  private static StartupException failed(String what, ExecutionException e) {
    return new StartupException(what + ", error=" + e.getCause(), e.getCause());
  }
}
