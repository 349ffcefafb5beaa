package io.walstrata.schemas.serde;

import java.util.Arrays;
import org.apache.kafka.common.config.ConfigException;

/**
 * The subject under which a registry keeps a message's schema. Settings have the names of
 * Confluent's clients, with or without their package.
 */
public enum SubjectNameStrategy {
  /** {@code <topic>-<record>}: what a WAL topic needs, as it holds several kinds of message. */
  TOPIC_RECORD_NAME("TopicRecordNameStrategy") {
    @Override
    public String subject(String topic, WalMessageType type) {
      return topic + "-" + type.recordName();
    }
  },
  /** {@code <record>}: one schema for all topics. */
  RECORD_NAME("RecordNameStrategy") {
    @Override
    public String subject(String topic, WalMessageType type) {
      return type.recordName();
    }
  },
  /** {@code <topic>-value}: for topics with one kind of message. */
  TOPIC_NAME("TopicNameStrategy") {
    @Override
    public String subject(String topic, WalMessageType type) {
      return topic + "-value";
    }
  };

  private static final String CONFLUENT_PACKAGE = "io.confluent.kafka.serializers.subject.";

  private final String configName;

  SubjectNameStrategy(String configName) {
    this.configName = configName;
  }

  /** Returns the subject for values of a type in a topic. */
  public abstract String subject(String topic, WalMessageType type);

  /** Returns the name in configurations, such as {@code TopicRecordNameStrategy}. */
  public String configName() {
    return configName;
  }

  /**
   * Reads a name in the form of Confluent's clients.
   *
   * @throws ConfigException if it is none of the three
   */
  static SubjectNameStrategy parse(String key, Object value) {
    String name = value instanceof Class<?> type ? type.getName() : value.toString();
    String simple =
        name.startsWith(CONFLUENT_PACKAGE) ? name.substring(CONFLUENT_PACKAGE.length()) : name;
    for (SubjectNameStrategy strategy : values()) {
      if (strategy.configName.equals(simple)) {
        return strategy;
      }
    }
    throw new ConfigException(
        key,
        value,
        "must be one of "
            + String.join(
                ", ", Arrays.stream(values()).map(SubjectNameStrategy::configName).toList()));
  }
}
