package io.walstrata.ingest.start;

import java.util.List;

/**
 * Initializes classes that each start of the job needs, while the command line is read. These take
 * longest: definitions of some hundred settings each, servers, formats.
 */
public final class ClassPreload {
  private static final List<String> CLASSES =
      List.of(
          "org.apache.logging.slf4j.SLF4JServiceProvider",
          "org.apache.kafka.streams.StreamsConfig",
          "org.apache.kafka.clients.admin.KafkaAdminClient",
          "io.walstrata.schemas.serde.ConfluentSchemaRegistry",
          "io.micrometer.prometheusmetrics.PrometheusMeterRegistry",
          "org.eclipse.jetty.server.Server",
          "com.fasterxml.jackson.databind.ObjectMapper",
          "org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer",
          "org.apache.kafka.clients.producer.KafkaProducer",
          "org.apache.kafka.streams.KafkaStreams",
          "org.apache.kafka.streams.processor.internals.StreamThread");

  private ClassPreload() {}

  /** Begins; returns at once. */
  public static void begin() {
    Thread thread = new Thread(ClassPreload::load, "preload");
    thread.setDaemon(true);
    thread.start();
  }

  private static void load() {
    for (String name : CLASSES) {
      try {
        Class.forName(name);
      } catch (ClassNotFoundException | LinkageError e) {
        // The code that needs it reports it.
      }
    }
  }
}
