package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.LayerStores;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.ReadableLayerStore;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.jspecify.annotations.Nullable;

/**
 * Stores one partition of a write-ahead-log topic. The topic is its changelog; its layer files are
 * what Kafka Streams calls a checkpoint. Made by {@link LayerStores}.
 *
 * <p>A restart keeps what is in delta layers and replays the topic from there on; losing the task
 * directory costs nothing more. Queries are answered while the store restores, up to {@link
 * #getPosition()}.
 */
public final class LayerStateStore implements StateStore, ReadableLayerStore {
  /*
   * Kafka Streams opens, closes and opens again the same object when a task is revived, and opens
   * objects that never get a record. All that exists from one opening to its close is in `open`,
   * which readers take once per call.
   *
   * Offsets: those that Kafka Streams passes to commit() are not used. Under exactly_once_v2 a
   * running task never gets any; and the only offset worth reporting back is the one that durable
   * layers cover, which grows when files are on disk.
   *
   * commit(Map.of()) means "forget your offsets": the task was found corrupted. Layers are a pure
   * function of the topic up to their freeze point, whatever the outcome of a transaction, so there
   * is nothing stale to discard; from there on committedOffset is null, as the contract requires,
   * until the store is opened again. But if the reason was that the topic does not have the offset
   * after the freeze point (retention has deleted it, or the topic is another one), opening again
   * at the same offset would fail for ever. So when offsets are to be forgotten twice and no record
   * has come in between, the store starts at the topic's beginning when it is opened next, and
   * PartitionIngest compares its first record with the layers. It may be another object by then.
   */

  private final StateStoreOptions options;
  private final RunningStores running;
  private final ForgottenOffsets forgotten;

  private volatile @Nullable OpenStore open;
  private boolean isForgotten;
  private boolean hasForgottenOffsets;

  LayerStateStore(StateStoreOptions options, RunningStores running, ForgottenOffsets forgotten) {
    this.options = options;
    this.running = running;
    this.forgotten = forgotten;
  }

  @Override
  public String name() {
    return options.storeName();
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    if (open != null) {
      throw new IllegalStateException("the store is open: name=" + name());
    }
    int timesForgotten = forgotten.times(context.taskId().partition());
    isForgotten = false;
    hasForgottenOffsets = timesForgotten > 0;
    OpenStore opened =
        OpenStore.open(options, running, context, /* fromBeginning= */ timesForgotten > 1);
    try {
      context.register(root, KafkaInternals.restoreCallback(this::restore));
    } catch (RuntimeException e) {
      try {
        opened.close();
      } catch (IOException | RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
    open = opened;
  }

  private void restore(ConsumerRecord<byte[], byte[]> record) {
    ingest()
        .restore(
            new RawRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.key(),
                record.value(),
                record.headers()));
  }

  /**
   * Ingests a record that is being processed, and returns whether its offset is a freeze point; for
   * {@link IngestProcessor}.
   */
  boolean process(RawRecord record) {
    return ingest().process(record);
  }

  /**
   * Freezes the open layers if no record has come for some time; returns whether it did. For {@link
   * IngestProcessor}.
   */
  boolean freezeIfIdle(IdleWatch watch, long nowMs) {
    OpenStore current = open;
    return current != null
        && watch.isIdle(current.ingest().ingestedOffset().orElse(-1), nowMs)
        && freezeEarly(FreezeReason.IDLE);
  }

  /**
   * Checks that the layers can still be written; for {@link IngestProcessor}.
   *
   * @throws ProcessorStateException if they cannot until a restart
   */
  void check() {
    OpenStore current = open;
    if (current != null) {
      current.ingest().check();
    }
  }

  /** Freezes the open layers after the last record; returns whether it froze any. */
  boolean freezeEarly(FreezeReason reason) {
    return requireOpen().ingest().freezeEarly(reason);
  }

  private PartitionIngest ingest() {
    OpenStore current = requireOpen();
    if (hasForgottenOffsets) {
      hasForgottenOffsets = false;
      forgotten.clear(current.topicPartition().partition());
    }
    return current.ingest();
  }

  /** Returns the verdict on the record that was processed last; for {@link DeadLetterProcessor}. */
  Verdict verdict(RawRecord record) {
    return requireOpen().ingest().verdict(record);
  }

  /** Waits until all freeze points set so far are durable; for tests. */
  void awaitFlushed() throws IOException, InterruptedException {
    requireOpen().ingest().awaitFlushed();
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    // Not containsValue(null), which Kafka's maps refuse.
    boolean forget =
        changelogOffsets.isEmpty() || changelogOffsets.values().stream().anyMatch(Objects::isNull);
    if (forget && !isForgotten) {
      isForgotten = true;
      forgotten.add(requireOpen().topicPartition().partition());
    }
  }

  @Override
  public @Nullable Long committedOffset(TopicPartition partition) {
    OpenStore current = requireOpen();
    if (!partition.equals(current.topicPartition())) {
      throw new IllegalArgumentException(
          "the partition is not the one of this store: changelog="
              + partition
              + ", expected="
              + current.topicPartition());
    }
    if (isForgotten || current.isFromBeginning()) {
      return null;
    }
    OptionalLong durable = current.engine().durableOffset();
    return durable.isPresent() ? durable.getAsLong() : null;
  }

  /** Returns true. Deprecated in Kafka because all stores will have to. */
  @Override
  @SuppressWarnings("deprecation")
  public boolean managesOffsets() {
    return true;
  }

  @Override
  public boolean persistent() {
    return true;
  }

  @Override
  public boolean isOpen() {
    return open != null;
  }

  @Override
  public void close() {
    OpenStore current = open;
    open = null;
    if (current == null) {
      return;
    }
    try {
      current.close();
    } catch (IOException e) {
      throw new ProcessorStateException(
          "cannot close layer store: name="
              + name()
              + ", "
              + current.location()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  @Override
  public <R> QueryResult<R> query(Query<R> query, PositionBound positionBound, QueryConfig config) {
    long start = config.isCollectExecutionInfo() ? System.nanoTime() : 0;
    OpenStore current = open;
    QueryResult<R> result =
        current == null
            ? QueryResult.forFailure(
                FailureReason.NOT_PRESENT, "the store is not open: name=" + name())
            : new QueryHandler(this, current).handle(query, positionBound);
    if (config.isCollectExecutionInfo()) {
      result.addExecutionInfo(
          "Handled in " + getClass() + " in " + (System.nanoTime() - start) + "ns");
    }
    return result;
  }

  @Override
  public Position getPosition() {
    OpenStore current = open;
    return current == null ? Position.emptyPosition() : current.position();
  }

  @Override
  public ReconstructData get(TimelineId timeline, PageKey key, Lsn asOf) throws IOException {
    OpenStore current = requireOpen();
    try {
      return current.engine().get(timeline, key, asOf);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  @Override
  public List<TimelineInfo> timelines() {
    OpenStore current = requireOpen();
    try {
      return current.engine().timelines();
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  @Override
  public List<LayerDesc> layers(TimelineId timeline) {
    OpenStore current = requireOpen();
    try {
      return current.engine().layers(timeline);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  @Override
  public LayerStoreStatus status() {
    OpenStore current = requireOpen();
    try {
      return current.status();
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /**
   * Returns the exception to throw: the engine's own, unless the store was closed during the read.
   */
  private RuntimeException closedMeanwhile(IllegalStateException e) {
    return isOpen()
        ? e
        : new InvalidStateStoreException("the store was closed meanwhile: name=" + name(), e);
  }

  private OpenStore requireOpen() {
    OpenStore current = open;
    if (current == null) {
      throw new InvalidStateStoreException("the store is not open: name=" + name());
    }
    return current;
  }
}
