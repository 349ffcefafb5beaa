package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.streams.internal.DeadLetterProcessor;
import io.walstrata.layerstore.streams.internal.IngestProcessor;
import io.walstrata.layerstore.streams.internal.LayerStoreBuilder;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Adds layer stores to topologies.
 *
 * <pre>{@code
 * var options = StateStoreOptions.of("wal", Path.of("/data/layers"), MyDecoder::new);
 * var topology = new Topology();
 * LayerStores.addTo(topology, options, "wal-dead-letters");
 * }</pre>
 *
 * <p>{@link HistoryCheck} before the topology runs and {@link HistoryGuard} while it runs keep it
 * from skipping records that its topics have lost. {@link HistoryCheck} repairs damaged layers,
 * too.
 *
 * <p>Needs Kafka Streams 4.3 or newer; with an older one every method that makes a store throws
 * {@link IllegalStateException}, before anything is opened.
 *
 * <p>All consumers must have the same {@code isolation.level}, as they have by default.
 */
public final class LayerStores {
  private LayerStores() {}

  /**
   * Adds the store of a topic, fed from it, and the nodes that send its bad records to another
   * topic.
   *
   * <p>The nodes are named {@code <store>-source}, {@code <store>-ingest}, {@code
   * <store>-dead-letter} and {@code <store>-dead-letter-sink}.
   *
   * @param deadLetterTopic must exist; Kafka Streams does not create it
   * @throws IllegalArgumentException if bad records stop the stream, so that there are no dead
   *     letters
   */
  public static Topology addTo(
      Topology topology, StateStoreOptions options, String deadLetterTopic) {
    if (options.onBadRecord() != OnBadRecord.DEAD_LETTER) {
      throw new IllegalArgumentException(
          "a dead-letter topic needs OnBadRecord.DEAD_LETTER: deadLetterTopic="
              + deadLetterTopic
              + ", onBadRecord="
              + options.onBadRecord());
    }
    if (deadLetterTopic.equals(options.topic())) {
      throw new IllegalArgumentException(
          "the dead-letter topic must not be the topic itself: topic=" + deadLetterTopic);
    }
    addStore(topology, options);
    String store = options.storeName();
    String deadLetter = store + "-dead-letter";
    // Added after the ingest processor: a source calls its children in the order of adding.
    return topology
        .addProcessor(deadLetter, deadLetterProcessor(deadLetter, options), source(options))
        .connectProcessorAndStateStores(deadLetter, store)
        .addSink(
            deadLetter + "-sink",
            deadLetterTopic,
            new ByteArraySerializer(),
            new ByteArraySerializer(),
            deadLetter);
  }

  /**
   * Adds the store of a topic and the source that feeds it; a bad record stops the stream.
   *
   * @throws IllegalArgumentException if bad records are to be dead letters, since there is no topic
   *     for them
   */
  public static Topology addTo(Topology topology, StateStoreOptions options) {
    if (options.onBadRecord() != OnBadRecord.FAIL) {
      throw new IllegalArgumentException(
          "bad records need a dead-letter topic, or OnBadRecord.FAIL: topic=" + options.topic());
    }
    return addStore(topology, options);
  }

  private static Topology addStore(Topology topology, StateStoreOptions options) {
    String ingest = options.storeName() + "-ingest";
    return topology.addReadOnlyStateStore(
        storeBuilder(options),
        source(options),
        new RecordTimestamps(),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        options.topic(),
        ingest,
        ingestProcessor(ingest, options));
  }

  private static String source(StateStoreOptions options) {
    return options.storeName() + "-source";
  }

  /**
   * Returns a builder of the store alone, for {@code Topology.addReadOnlyStateStore} with {@link
   * #ingestProcessor}, {@link RecordTimestamps} and byte-array deserializers. {@link #addTo} does
   * that. Caching and a changelog of its own are refused.
   */
  public static StoreBuilder<?> storeBuilder(StateStoreOptions options) {
    return new LayerStoreBuilder(options, options.running());
  }

  /**
   * Returns the processor that feeds the store.
   *
   * @param name the processor's name in the topology, for errors
   */
  public static ProcessorSupplier<byte[], byte[], Void, Void> ingestProcessor(
      String name, StateStoreOptions options) {
    return () -> new IngestProcessor(name, options.storeName(), options.freezeIdle());
  }

  /**
   * Returns the processor that forwards each bad record with {@link DeadLetterHeaders}. It must be
   * a child of the same source, added after the ingest processor, and connected to the store.
   *
   * @param name the processor's name in the topology, for errors
   */
  public static ProcessorSupplier<byte[], byte[], byte[], byte[]> deadLetterProcessor(
      String name, StateStoreOptions options) {
    return () -> new DeadLetterProcessor(name, options.storeName());
  }
}
