package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.KafkaTarget.Route;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection of one run to its topic. For one thread, except {@link #target}. */
final class TopicSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicSession.class);

  /**
   * A WAL record is a value in one message, and the commit of a transaction that made some hundred
   * tables exceeds Kafka's standard of 1 MiB. More than 8 MiB is refused by hosted brokers.
   */
  private static final Map<String, String> CREATED_WITH =
      Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(8 << 20));

  private final ProduceConfig config;
  private final MessageCodec codec;
  private final int partitions;
  private final KafkaTarget target;
  private final Set<TimelineWriter.Style> schemasLearned = new HashSet<>();

  private TopicSession(
      ProduceConfig config, MessageCodec codec, int partitions, KafkaTarget target) {
    this.config = config;
    this.codec = codec;
    this.partitions = partitions;
    this.target = target;
  }

  /**
   * Connects, and creates the topic if that is asked for.
   *
   * @throws ProduceException if Kafka cannot be reached in time or the topic cannot be used
   */
  static TopicSession open(ProduceConfig config) {
    Topic topic;
    int maxRequestBytes;
    int maxMessageBytes;
    try (Admin admin = KafkaClients.admin(config)) {
      topic = topic(admin, config);
      maxRequestBytes = KafkaClients.maxRequestBytes(config, topic.maxMessageBytes());
      maxMessageBytes =
          Math.min(
                  maxRequestBytes,
                  topic.maxMessageBytes() < 0 ? Integer.MAX_VALUE : topic.maxMessageBytes())
              - KafkaClients.REQUEST_MARGIN_BYTES;
    } catch (KafkaException e) {
      throw ProduceException.settings("kafka's client refuses the settings: " + causes(e));
    }
    MessageCodec codec = RegistryCodec.of(config);
    KafkaTarget target =
        new KafkaTarget(
            KafkaClients.producer(config, maxRequestBytes),
            codec,
            config.topic(),
            Math.max(maxMessageBytes, 1),
            InstantSource.system());
    return new TopicSession(config, codec, topic.partitions(), target);
  }

  /**
   * @param maxMessageBytes negative if it is not known
   */
  private record Topic(int partitions, int maxMessageBytes) {}

  private static Topic topic(Admin admin, ProduceConfig config) {
    String topic = config.topic();
    try {
      int partitions =
          await(config, admin.describeTopics(List.of(topic)).allTopicNames().toCompletionStage())
              .values()
              .iterator()
              .next()
              .partitions()
              .size();
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      return new Topic(
          partitions,
          limit(topic, admin.describeConfigs(List.of(resource)).values().get(resource)));
    } catch (UnknownTopicOrPartitionException e) {
      if (!config.flag(ProduceConfig.CREATE_TOPIC)) {
        throw new ProduceException(
            ProduceException.Reason.FAILED,
            "no such topic: topic=" + topic + "; create it, or use --create-topic",
            e);
      }
    }
    return create(admin, config, CREATED_WITH);
  }

  private static Topic create(
      Admin admin, ProduceConfig config, Map<String, String> topicSettings) {
    String topic = config.topic();
    int partitions = config.integer(ProduceConfig.PARTITIONS);
    try {
      NewTopic created =
          new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(topicSettings);
      CreateTopicsResult result = admin.createTopics(List.of(created));
      await(config, result.all().toCompletionStage());
      LOG.info("created topic={} partitions={} settings={}", topic, partitions, topicSettings);
      // A broker may not know the topic yet, so the answer itself is asked for the limit.
      return new Topic(partitions, limit(topic, result.config(topic)));
    } catch (TopicExistsException e) {
      // Another producer was faster: use its topic as it is.
      return topic(admin, config);
    } catch (ProduceException e) {
      boolean refused =
          e.getCause() instanceof PolicyViolationException
              || e.getCause() instanceof InvalidConfigurationException;
      if (!refused || topicSettings.isEmpty()) {
        throw e;
      }
      LOG.info("broker refuses the topic's settings: settings={} cause={}", topicSettings, e);
      return create(admin, config, Map.of());
    }
  }

  /**
   * Returns the topic's own limit of a message; -1 if it is not known, because reading it needs a
   * permission.
   */
  private static int limit(String topic, @Nullable KafkaFuture<Config> settings) {
    if (settings == null) {
      return -1;
    }
    try {
      ConfigEntry entry =
          settings.get(10, TimeUnit.SECONDS).get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
      return entry == null || entry.value() == null ? -1 : Integer.parseInt(entry.value());
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("cannot read the topic's settings: topic={} cause={}", topic, e.toString());
      return -1;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static <T> T await(ProduceConfig config, java.util.concurrent.CompletionStage<T> stage) {
    long seconds = config.seconds(ProduceConfig.START_TIMEOUT_S).toSeconds();
    try {
      return stage.toCompletableFuture().get(seconds + 1, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException unknown) {
        throw unknown;
      } else if (e.getCause() instanceof TopicExistsException exists) {
        throw exists;
      }
      throw unreachable(config, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw unreachable(config, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static ProduceException unreachable(ProduceConfig config, Throwable cause) {
    return ProduceException.unavailable(
        "kafka gives no answer about the topic: bootstrap.servers="
            + (config.string(ProduceConfig.BOOTSTRAP_SERVERS) + ", topic=" + config.topic())
            + (", cause=" + causes(cause)),
        cause);
  }

  private static ProduceException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return ProduceException.unavailable("interrupted while Kafka was asked about the topic", e);
  }

  private static String causes(Throwable e) {
    Throwable cause = e.getCause();
    return e.getMessage() + (cause == null ? "" : ": " + cause.getMessage());
  }

  /** Returns what the topic holds of these timelines. */
  Map<TimelineId, ResumePosition> resume(Collection<TimelineId> timelines) {
    try (Consumer<byte[], byte[]> consumer = KafkaClients.consumer(config)) {
      return new ResumeFinder(
              consumer, codec, config.topic(), config.seconds(ProduceConfig.START_TIMEOUT_S))
          .find(timelines, partitions, timeline -> partition(timeline.toBytes(), partitions));
    } catch (KafkaException e) {
      throw ProduceException.unavailable(
          "the topic cannot be read: topic=" + config.topic() + ", cause=" + causes(e), e);
    }
  }

  /** Returns what the topic holds of this timeline. */
  ResumePosition resume(TimelineId timeline) {
    ResumePosition position = resume(List.of(timeline)).get(timeline);
    if (position == null) {
      throw new IllegalStateException("no resume position was looked up: timeline=" + timeline);
    }
    return position;
  }

  /** Returns the partition to which Kafka's own clients send a message with this key. */
  static int partition(byte[] key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  /** Returns the route of a timeline's messages. */
  Route route(TimelineId timeline, ResumePosition position, List<Header> headers) {
    int routed = partition(timeline.toBytes(), partitions);
    if (routed != position.partition()) {
      LOG.warn(
          "the timeline stays in the partition that holds its history, although its key maps to"
              + " another: timeline={} partition={} mapped={} partitions={}",
          timeline,
          position.partition(),
          routed,
          partitions);
    }
    return new Route(position.partition(), timeline, headers);
  }

  /**
   * Asks the registry for the schema ids of all messages that a writer sends, so that a registry
   * that is unavailable later does not stop the producer.
   */
  private void learnSchemas(TimelineId timeline, TimelineWriter.Style style) {
    WalTimelineId id = new WalTimelineId(timeline.toBytes());
    WalPageKey key = new WalPageKey(PageKey.MIN.toBytes());
    ByteBuffer empty = ByteBuffer.allocate(0);
    codec.encode(
        config.topic(),
        style == TimelineWriter.Style.BATCH
            ? new WalBatch(id, 0L, List.of(), empty)
            : new WalRecord(id, 0L, key, WalValueKind.IMAGE, false, empty));
    codec.encode(config.topic(), new WalTombstone(id, 0L, key, key));
    codec.encode(config.topic(), new WalProgress(id, 0L));
  }

  /**
   * Returns a writer that continues after what the topic holds.
   *
   * @throws ProduceException if the registry does not answer when asked for the schemas
   */
  TimelineWriter writer(
      TimelineId timeline, ResumePosition position, Route route, TimelineWriter.Settings settings) {
    if (schemasLearned.add(settings.style())) {
      learnSchemas(timeline, settings.style());
    }
    return new TimelineWriter(
        timeline,
        route,
        position.claim(),
        position.mark().orElse(null),
        target,
        settings,
        System::nanoTime);
  }

  KafkaTarget target() {
    return target;
  }

  /** Waits for Kafka to acknowledge everything, then closes. */
  void finish(Duration timeout) {
    target.close(timeout);
  }

  @Override
  public void close() {
    target.close();
  }
}
