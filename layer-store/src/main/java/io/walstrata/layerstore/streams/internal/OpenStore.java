package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.LayerDamage;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.IoRunnable;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.WalDecoder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds what a {@link LayerStateStore} has from being opened to being closed. */
public final class OpenStore {
  private static final Logger LOG = LoggerFactory.getLogger(OpenStore.class);

  private final TopicPartition topicPartition;
  private final String home; // where the layers are, for messages
  private final StoreDirectory directory;
  private final LayerStore engine;
  private final WalDecoder decoder;
  private final PartitionIngest ingest;
  private final StoreMetrics metrics;
  private final boolean isFromBeginning;
  private final boolean isNewHistory;
  private final RunningStores running;

  /**
   * @param newHistory whether no process has ever written layers to this home
   */
  private OpenStore(
      StateStoreOptions options,
      RunningStores running,
      StateStoreContext context,
      StoreDirectory directory,
      LayerStore engine,
      boolean fromBeginning,
      boolean newHistory) {
    int partition = context.taskId().partition();
    this.topicPartition = new TopicPartition(options.topic(), partition);
    this.home = options.home(partition).location();
    this.directory = directory;
    this.engine = engine;
    this.decoder = options.decoder().get();
    this.isFromBeginning = fromBeginning && engine.durableOffset().isPresent();
    this.ingest =
        new PartitionIngest(engine, decoder, options, () -> directory.mark(home), isFromBeginning);
    this.isNewHistory = newHistory;
    this.running = running;
    this.metrics = StoreMetrics.register(context, options.storeName(), this::status);
    running.add(partition, this);
  }

  /**
   * Opens the layers of the context's partition for reading.
   *
   * @param running has the store until it is closed
   * @param fromBeginning whether the stream starts at the topic's beginning although there are
   *     layers
   * @throws ProcessorStateException if the layers cannot be read
   */
  static OpenStore open(
      StateStoreOptions options,
      RunningStores running,
      StateStoreContext context,
      boolean fromBeginning) {
    int partition = context.taskId().partition();
    StoreDirectory directory =
        new StoreDirectory(context.stateDir().toPath().resolve(options.storeName()));
    LayerHome layers = options.home(partition);
    String home = layers.location();
    LongSupplier clock = options.resources().nanoClock();
    long started = clock.getAsLong();
    try {
      LayerStore engine =
          LayerStore.open(layers, directory.path(), options.engine(), options.resources());
      LOG.info(
          "layers opened: home={}, durableOffset={}, ms={}",
          home,
          engine.durableOffset().orElse(-1),
          (clock.getAsLong() - started) / 1_000_000);
      try {
        if (engine.durableOffset().isPresent()) {
          markIfPossible(directory, home);
        }
        boolean isNewHistory =
            engine.durableOffset().isEmpty() && LayerStore.coveredOffset(layers).isEmpty();
        return new OpenStore(
            options, running, context, directory, engine, fromBeginning, isNewHistory);
      } catch (IOException | RuntimeException e) {
        try {
          engine.close();
        } catch (IOException suppressed) {
          e.addSuppressed(suppressed);
        }
        throw e;
      }
    } catch (IOException e) {
      throw new ProcessorStateException(
          "cannot open layer store: name="
              + options.storeName()
              + ", topic="
              + options.topic()
              + ", partition="
              + partition
              + ", home="
              + home
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Writes the marker, or logs that it cannot: the first record waits for a full disk, and then
   * writes it.
   */
  private static void markIfPossible(StoreDirectory directory, String home) {
    try {
      directory.mark(home);
    } catch (IOException e) {
      LOG.warn("cannot mark the task directory as one that has layers: home={}", home, e);
    }
  }

  TopicPartition topicPartition() {
    return topicPartition;
  }

  LayerStore engine() {
    return engine;
  }

  PartitionIngest ingest() {
    return ingest;
  }

  boolean isFromBeginning() {
    return isFromBeginning;
  }

  /** Returns whether the layers' home had never had an owner when this was opened. */
  boolean isNewHistory() {
    return isNewHistory;
  }

  /** Returns topic, partition and home, for messages. */
  String location() {
    return "topic="
        + topicPartition.topic()
        + ", partition="
        + topicPartition.partition()
        + ", home="
        + home;
  }

  Position position() {
    Position position = Position.emptyPosition();
    ingest
        .ingestedOffset()
        .ifPresent(
            offset ->
                position.withComponent(topicPartition.topic(), topicPartition.partition(), offset));
    return position;
  }

  LayerStoreStatus status() {
    return new LayerStoreStatus(
        topicPartition.topic(),
        topicPartition.partition(),
        ingest.isClaimed(),
        engine.durableOffset(),
        ingest.ingestedOffset(),
        ingest.flushFailure().map(OpenStore::text),
        ingest.inWork(),
        Optional.ofNullable(ingest.waiting()).map(OpenStore::text),
        Optional.ofNullable(ingest.failure()).map(OpenStore::text),
        engine.damages().stream().map(LayerDamage::problem).toList(),
        ingest.counters(),
        ingest.writeStats());
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /**
   * Closes everything. If nothing is durable, the directory is emptied: under exactly-once, Kafka
   * Streams regards a directory with content but without an offset as a corrupted task.
   *
   * @throws IOException the first failure, with the others suppressed; all parts are tried
   */
  void close() throws IOException {
    boolean nothingDurable = engine.durableOffset().isEmpty();
    Throwable first = null;
    running.remove(topicPartition.partition(), this);
    first = attempt(metrics::remove, first);
    first = attempt(decoder::close, first);
    first = attempt(engine::close, first);
    if (nothingDurable) {
      first = attempt(directory::delete, first);
    }
    if (first instanceof IOException e) {
      throw e;
    }
    if (first instanceof RuntimeException e) {
      throw e;
    }
  }

  private static @Nullable Throwable attempt(IoRunnable closing, @Nullable Throwable first) {
    try {
      closing.run();
      return first;
    } catch (IOException | RuntimeException e) {
      if (first == null) {
        return e;
      }
      first.addSuppressed(e);
      return first;
    }
  }
}
