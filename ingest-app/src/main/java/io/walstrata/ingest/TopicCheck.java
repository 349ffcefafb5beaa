package io.walstrata.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the job's topics before it starts: waits for the WAL topics, makes the dead-letter
 * topic.
 */
final class TopicCheck {
  private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);

  private static final int CALL_TIMEOUT_MS = 10_000;
  private static final long PAUSE_MS = 500;
  private static final long REMIND_MS = 10_000;

  /** Room for the headers that a dead letter has on top of the message. */
  private static final int DEAD_LETTER_HEADROOM = 64 << 10;

  private final IngestConfig config;
  private final Admin admin;
  private final BooleanSupplier isStopped;

  /**
   * @param isStopped asked while waiting, to give up
   */
  TopicCheck(IngestConfig config, Admin admin, BooleanSupplier isStopped) {
    this.config = config;
    this.admin = admin;
    this.isStopped = isStopped;
  }

  /**
   * Waits for the WAL topics, refuses what cannot be ingested, and makes the dead-letter topic.
   *
   * @return how many partitions each WAL topic has
   */
  Map<String, Integer> run() throws StartupException, InterruptedException {
    Map<String, Integer> partitions = awaitWalTopics();
    int largestMessage = checkConfigs();
    if (!config.failsOnBadRecord()) {
      ensureDeadLetterTopic(largestMessage);
    }
    return partitions;
  }

  private Map<String, Integer> awaitWalTopics() throws StartupException, InterruptedException {
    long started = System.nanoTime();
    long reminded = -REMIND_MS;
    while (true) {
      Map<String, Integer> partitions = new HashMap<>();
      String missing = describe(config.walTopics(), partitions);
      if (missing.isEmpty()) {
        return partitions;
      }
      long waitedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
      if (isStopped.getAsBoolean()) {
        throw new StartupException("stopped while waiting: " + missing);
      }
      if (waitedMs >= config.startupTimeoutMs()) {
        throw new StartupException(
            missing
                + ", waitedMs="
                + waitedMs
                + "; wait longer with "
                + IngestSettings.STARTUP_TIMEOUT_MS);
      }
      if (waitedMs - reminded >= REMIND_MS) {
        LOG.warn("waiting: {}", missing);
        reminded = waitedMs;
      }
      Thread.sleep(PAUSE_MS);
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
          return "no Kafka broker answers, set bootstrap.servers to one that runs: bootstrap.servers="
              + config.bootstrapServers()
              + ", error="
              + e.getCause().getMessage();
        } else {
          throw failed("cannot look at topic " + topic.getKey(), e);
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
   *
   * @return the largest message that a WAL topic takes, in bytes
   */
  private int checkConfigs() throws StartupException, InterruptedException {
    List<ConfigResource> resources =
        config.walTopics().stream()
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
            .toList();
    List<String> compacted = new ArrayList<>();
    int largestMessage = 1 << 20;
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
        largestMessage =
            Math.max(
                largestMessage,
                Integer.parseInt(settings.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()));
      }
    } catch (ExecutionException e) {
      LOG.warn(
          "cannot check the WAL topics' settings, going on: error={}",
          String.valueOf(e.getCause()));
    }
    if (!compacted.isEmpty()) {
      throw new StartupException(
          "WAL topics are compacted, which deletes history; set cleanup.policy=delete: topics="
              + compacted);
    }
    return largestMessage;
  }

  private void ensureDeadLetterTopic(int largestMessage)
      throws StartupException, InterruptedException {
    String topic = config.deadLetterTopic();
    if (describe(List.of(topic), new HashMap<>()).isEmpty()) {
      return;
    }
    // Kept until somebody has looked; as large as what it must hold.
    NewTopic deadLetters =
        new NewTopic(topic, java.util.Optional.of(1), java.util.Optional.empty())
            .configs(
                Map.of(
                    TopicConfig.RETENTION_MS_CONFIG,
                    "-1",
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Integer.toString(
                        (int)
                            Math.min(
                                Integer.MAX_VALUE, (long) largestMessage + DEAD_LETTER_HEADROOM))));
    try {
      admin
          .createTopics(List.of(deadLetters), new CreateTopicsOptions().timeoutMs(CALL_TIMEOUT_MS))
          .all()
          .get();
      LOG.info("made the dead-letter topic: topic={}, partitions=1, retention.ms=-1", topic);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw failed(
            "the dead-letter topic does not exist and cannot be made, create it or set "
                + IngestSettings.DEAD_LETTER_TOPIC
                + ": topic="
                + topic,
            e);
      }
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
