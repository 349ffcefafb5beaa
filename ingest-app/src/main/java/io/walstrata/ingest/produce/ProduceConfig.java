package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/** A producer's settings, checked. Immutable. */
final class ProduceConfig {
  static final String PRODUCER_PREFIX = "producer.";
  static final String CONSUMER_PREFIX = "consumer.";
  static final String REGISTRY_PREFIX = "registry.";

  static final String TOPIC = "topic";
  static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  static final String REGISTRY_URL = "schema.registry.url";
  static final String CREATE_TOPIC = "create-topic";
  static final String PARTITIONS = "partitions";
  static final String BATCH_BYTES = "batch-bytes";
  static final String LINGER_MS = "linger-ms";
  static final String PROGRESS_MS = "progress-ms";
  static final String START_TIMEOUT_S = "start-timeout-s";
  static final String CLOSE_TIMEOUT_S = "close-timeout-s";

  private final AbstractConfig own;
  private final Map<String, Map<String, String>> passedOn;

  private ProduceConfig(AbstractConfig own, Map<String, Map<String, String>> passedOn) {
    this.own = own;
    this.passedOn = passedOn;
  }

  /** Returns a new definition with the settings that all producers have. */
  static ConfigDef definition() {
    return new ConfigDef()
        .define(
            TOPIC,
            ConfigDef.Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "WAL topic to write to.")
        .define(
            BOOTSTRAP_SERVERS,
            ConfigDef.Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "Kafka brokers, host:port with commas between them.")
        .define(
            REGISTRY_URL,
            ConfigDef.Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "Schema registry that speaks Confluent's API.")
        .define(
            CREATE_TOPIC,
            ConfigDef.Type.BOOLEAN,
            false,
            Importance.MEDIUM,
            "Create the topic if there is none, with the broker's default replication and"
                + " retention, and max.message.bytes of 8 MiB.")
        .define(
            PARTITIONS,
            ConfigDef.Type.INT,
            1,
            Range.between(1, 100_000),
            Importance.LOW,
            "Partitions of a topic that is created.")
        .define(
            BATCH_BYTES,
            ConfigDef.Type.INT,
            256 << 10,
            Range.between(1, 512 << 20),
            Importance.LOW,
            "Send a message when it has this many bytes.")
        .define(
            LINGER_MS,
            ConfigDef.Type.INT,
            50,
            Range.between(0, 60_000),
            Importance.LOW,
            "Send a message when its first version has waited this many milliseconds.")
        .define(
            PROGRESS_MS,
            ConfigDef.Type.INT,
            250,
            Range.between(0, 60_000),
            Importance.LOW,
            "Send a progress mark when the LSN has progressed for this many milliseconds"
                + " without a version.")
        .define(
            START_TIMEOUT_S,
            ConfigDef.Type.INT,
            30,
            Range.between(1, 86_400),
            Importance.LOW,
            "How many seconds to wait at the start for Kafka, registry and source. Later the"
                + " producer waits for them without limit.")
        .define(
            CLOSE_TIMEOUT_S,
            ConfigDef.Type.INT,
            10,
            Range.between(0, 86_400),
            Importance.LOW,
            "How many seconds a stop waits for Kafka to acknowledge what was sent.");
  }

  /**
   * Checks settings.
   *
   * @param definition {@link #definition} and what the producer adds
   * @throws ProduceException naming every setting that is unknown, missing or wrong
   */
  static ProduceConfig of(ConfigDef definition, Map<String, String> settings) {
    Map<String, String> known = new HashMap<>();
    Map<String, Map<String, String>> passedOn = new HashMap<>();
    List<String> faults = new ArrayList<>();
    new TreeMap<>(settings)
        .forEach(
            (name, value) -> {
              Optional<String> prefix = prefix(name);
              if (definition.names().contains(name)) {
                known.put(name, value);
              } else if (prefix.isPresent()) {
                passedOn
                    .computeIfAbsent(prefix.get(), p -> new TreeMap<>())
                    .put(name.substring(prefix.get().length()), value.strip());
              } else {
                faults.add(
                    "unknown setting: name="
                        + (name + ", known are " + String.join(", ", definition.names()))
                        + ", producer.*, consumer.* and registry.*");
              }
            });
    for (ConfigValue value : definition.validate(known)) {
      faults.addAll(value.errorMessages());
    }
    KafkaClients.checkPassedOn(passedOn.getOrDefault(PRODUCER_PREFIX, Map.of()), faults);
    if (!faults.isEmpty()) {
      throw ProduceException.settings("bad settings: " + String.join("; ", faults));
    }
    return new ProduceConfig(new AbstractConfig(definition, known, /* doLog= */ false), passedOn);
  }

  private static Optional<String> prefix(String name) {
    return List.of(PRODUCER_PREFIX, CONSUMER_PREFIX, REGISTRY_PREFIX).stream()
        .filter(name::startsWith)
        .findFirst();
  }

  /** Returns the settings with this prefix, without it. */
  Map<String, String> passedOn(String prefix) {
    return passedOn.getOrDefault(prefix, Map.of());
  }

  String topic() {
    return string(TOPIC);
  }

  String string(String name) {
    return own.getString(name);
  }

  Optional<String> optional(String name) {
    @Nullable String value = own.getString(name);
    return Optional.ofNullable(value).filter(text -> !text.isBlank());
  }

  Optional<String> secret(String name) {
    return Optional.ofNullable(own.getPassword(name)).map(password -> password.value());
  }

  int integer(String name) {
    return own.getInt(name);
  }

  long number(String name) {
    return own.getLong(name);
  }

  boolean flag(String name) {
    return own.getBoolean(name);
  }

  Duration seconds(String name) {
    return Duration.ofSeconds(own.getInt(name));
  }

  Optional<Lsn> lsn(String name) {
    return parsed(name, Lsn::parse);
  }

  Optional<TimelineId> timeline(String name) {
    return parsed(name, ProduceConfig::timelineId);
  }

  /** The job refuses messages of the nil id. */
  private static TimelineId timelineId(String text) {
    TimelineId timeline = TimelineId.parse(text);
    if (timeline.equals(new TimelineId(0, 0))) {
      throw new IllegalArgumentException("the nil id is no timeline: timeline=" + timeline);
    }
    return timeline;
  }

  private <T> Optional<T> parsed(String name, Function<String, T> parser) {
    try {
      return optional(name).map(parser);
    } catch (IllegalArgumentException e) {
      throw new ProduceException(
          ProduceException.Reason.SETTINGS,
          "bad setting: name=" + name + ", " + e.getMessage(),
          new ConfigException(name, optional(name), e.getMessage()));
    }
  }

  TimelineWriter.Settings writerSettings(TimelineWriter.Style style) {
    return new TimelineWriter.Settings(
        style,
        integer(BATCH_BYTES),
        Duration.ofMillis(integer(LINGER_MS)).toNanos(),
        Duration.ofMillis(integer(PROGRESS_MS)).toNanos());
  }
}
