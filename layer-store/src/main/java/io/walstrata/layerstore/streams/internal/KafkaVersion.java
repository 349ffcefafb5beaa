package io.walstrata.layerstore.streams.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.streams.processor.StateStore;

/**
 * Checks that the Kafka Streams on the class path is new enough for the store. An older one loads
 * the store's classes without an error and fails much later, in a stream thread, with an {@link
 * AbstractMethodError}.
 */
final class KafkaVersion {
  /*
   * Decided by a method, not by the version number: builds of vendors have numbers of their own.
   * The number is for the message only.
   */
  private static final String NEEDED_METHOD = "managesOffsets";
  private static final String VERSION_FILE = "/kafka/kafka-streams-version.properties";

  private KafkaVersion() {}

  /**
   * Does nothing if stores can manage their offsets, as since Kafka 4.3.
   *
   * @throws IllegalStateException if they cannot; the message names the version found
   */
  static void check() {
    check(StateStore.class);
  }

  static void check(Class<?> stateStore) {
    if (Arrays.stream(stateStore.getMethods()).noneMatch(m -> m.getName().equals(NEEDED_METHOD))) {
      throw new IllegalStateException(
          "layer stores need kafka-streams 4.3 or newer: found="
              + version(stateStore)
              + "; update org.apache.kafka:kafka-streams and kafka-clients on the class path");
    }
  }

  private static String version(Class<?> stateStore) {
    try (InputStream in = stateStore.getResourceAsStream(VERSION_FILE)) {
      if (in != null) {
        Properties properties = new Properties();
        properties.load(in);
        return properties.getProperty("version", "unknown").strip();
      }
    } catch (IOException e) {
      // The message does without it.
    }
    return "unknown";
  }
}
