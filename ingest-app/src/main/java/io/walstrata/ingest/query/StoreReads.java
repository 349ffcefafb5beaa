package io.walstrata.ingest.query;

import io.walstrata.ingest.http.LayerReads;
import io.walstrata.ingest.http.NotReadyException;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ReadLimit;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.streams.LayerQueryFailure;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import io.walstrata.layerstore.streams.LayersQuery;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.StatusQuery;
import io.walstrata.layerstore.streams.TimelinesQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsNotStartedException;
import org.apache.kafka.streams.errors.StreamsStoppedException;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the stores of this instance by interactive queries. A timeline is in one partition; nobody
 * here knows in which, so all are asked, and the one that has it answers.
 *
 * <p>A partition that is being restored is asked too: what it has is right, and it knows how far it
 * is.
 */
public final class StoreReads implements LayerReads {
  private static final Logger LOG = LoggerFactory.getLogger(StoreReads.class);

  private final Map<String, String> stores;
  private final Supplier<@Nullable KafkaStreams> streams;

  /**
   * @param stores the names of the stores, and of their topics
   * @param streams gives null before the job runs
   */
  public StoreReads(Map<String, String> stores, Supplier<@Nullable KafkaStreams> streams) {
    this.stores = new TreeMap<>(stores);
    this.streams = streams;
  }

  @Override
  public List<Located> timelines(ReadLimit limit) throws IOException {
    List<Located> all = new ArrayList<>();
    for (PartitionAnswer<List<TimelineInfo>> answer : askAll(TimelinesQuery.all().within(limit))) {
      answer.value().forEach(info -> all.add(new Located(answer.place(), info)));
    }
    return all;
  }

  @Override
  public List<LayerDesc> layers(TimelineId timeline, ReadLimit limit) throws IOException {
    return askOwner(timeline, LayersQuery.ofTimeline(timeline).within(limit)).value();
  }

  @Override
  public ReconstructData page(TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit)
      throws IOException {
    PageQuery query = PageQuery.withKey(timeline, key).within(limit);
    return askOwner(timeline, asOf == null ? query : query.asOf(asOf)).value();
  }

  /** Returns how each partition's store of this instance is doing. */
  public List<LayerStoreStatus> statuses() throws IOException {
    List<LayerStoreStatus> all = new ArrayList<>();
    for (PartitionAnswer<LayerStoreStatus> answer : askPresent(StatusQuery.instance())) {
      all.add(answer.value());
    }
    return all;
  }

  /** A partition's store and its timelines. */
  public record StoreReading(LayerStoreStatus status, List<TimelineInfo> timelines) {}

  /** Returns what can be said at the moment; partitions that cannot be asked are left out. */
  public List<StoreReading> readings() {
    List<StoreReading> readings = new ArrayList<>();
    for (String store : stores.keySet()) {
      Map<Integer, List<TimelineInfo>> timelines = new HashMap<>();
      for (PartitionAnswer<List<TimelineInfo>> answer : askKnown(store, TimelinesQuery.all())) {
        timelines.put(answer.partition(), answer.value());
      }
      for (PartitionAnswer<LayerStoreStatus> answer : askKnown(store, StatusQuery.instance())) {
        readings.add(
            new StoreReading(
                answer.value(), timelines.getOrDefault(answer.partition(), List.of())));
      }
    }
    return readings;
  }

  /** Returns how each partition's store is doing; those that cannot be asked are left out. */
  public List<LayerStoreStatus> knownStatuses() {
    List<LayerStoreStatus> all = new ArrayList<>();
    for (String store : stores.keySet()) {
      askKnown(store, StatusQuery.instance()).forEach(answer -> all.add(answer.value()));
    }
    return all;
  }

  private <R> List<PartitionAnswer<R>> askKnown(String store, Query<R> query) {
    List<PartitionAnswer<R>> answers = new ArrayList<>();
    try {
      ask(store, StateQueryRequest.inStore(store).withQuery(query), answers);
    } catch (NotReadyException | IOException e) {
      LOG.debug("not all partitions can be asked: store={}", store, e);
    }
    return answers;
  }

  /**
   * Asks for the answer of the one partition that has the timeline. All stores are asked, or a
   * timeline in two topics would be answered from a part of it.
   *
   * <p>A partition that cannot be asked is passed over if another one has the timeline: while one
   * moves or is restored, the rest must be readable.
   */
  private <R> PartitionAnswer<R> askOwner(TimelineId timeline, Query<R> query) throws IOException {
    List<PartitionAnswer<R>> answers = new ArrayList<>();
    NotReadyException notReady = null;
    for (String store : stores.keySet()) {
      try {
        ask(store, StateQueryRequest.inStore(store).withQuery(query), answers);
      } catch (NotReadyException e) {
        notReady = e;
      }
    }
    Optional<PartitionAnswer<R>> owner = PartitionAnswer.ofOwner(timeline, answers);
    if (owner.isPresent()) {
      return owner.get();
    }
    if (notReady != null) {
      throw notReady;
    }
    requireAllPresent();
    throw new UnknownTimelineException(timeline);
  }

  private <R> List<PartitionAnswer<R>> askAll(Query<R> query) throws IOException {
    requireAllPresent();
    return askPresent(query);
  }

  /** While the state is another, a partition of this instance may be missing among the answers. */
  private void requireAllPresent() {
    KafkaStreams.State state = running().state();
    if (state != KafkaStreams.State.RUNNING) {
      throw new NotReadyException("partitions are starting, restoring or moving: state=" + state);
    }
  }

  private KafkaStreams running() {
    KafkaStreams job = streams.get();
    if (job == null) {
      throw new NotReadyException("the job is starting");
    }
    return job;
  }

  /** Asks the partitions that are here; those that do not have the timeline say nothing. */
  private <R> List<PartitionAnswer<R>> askPresent(Query<R> query) throws IOException {
    List<PartitionAnswer<R>> answers = new ArrayList<>();
    for (String store : stores.keySet()) {
      ask(store, StateQueryRequest.inStore(store).withQuery(query), answers);
    }
    return answers;
  }

  /**
   * Adds the answers of a store's partitions.
   *
   * @throws NotReadyException if one cannot be asked; the answers of the others are added
   */
  private <R> void ask(String store, StateQueryRequest<R> request, List<PartitionAnswer<R>> answers)
      throws IOException {
    Map<Integer, QueryResult<R>> results;
    try {
      results = new TreeMap<>(running().query(request).getPartitionResults());
    } catch (StreamsNotStartedException | StreamsStoppedException e) {
      throw new NotReadyException("the job does not run: " + e.getMessage(), e);
    } catch (InvalidStateStoreException e) {
      throw new NotReadyException(
          "the store cannot be asked: store=" + store + ", error=" + e.getMessage(), e);
    }
    NotReadyException notReady = null;
    for (Map.Entry<Integer, QueryResult<R>> result : results.entrySet()) {
      int partition = result.getKey();
      String place = stores.get(store) + "-" + partition;
      try {
        value(store, partition, result.getValue())
            .ifPresent(
                value -> answers.add(new PartitionAnswer<>(store, partition, place, value, null)));
      } catch (LsnNotReachedException e) {
        answers.add(new PartitionAnswer<>(store, partition, place, null, e));
      } catch (NotReadyException e) {
        notReady = e;
      }
    }
    if (notReady != null) {
      throw notReady;
    }
  }

  /**
   * Returns the value, or empty if this partition does not have the timeline.
   *
   * @throws LsnNotReachedException if it has the timeline, but not that far
   */
  private static <R> Optional<R> value(String store, int partition, QueryResult<R> result)
      throws IOException {
    if (result.isSuccess()) {
      return Optional.of(result.getResult());
    }
    if (result instanceof LayerQueryFailure<R> failure) {
      return value(failure);
    }
    String message =
        "store=" + store + ", partition=" + partition + ", error=" + result.getFailureMessage();
    if (result.getFailureReason() == FailureReason.STORE_EXCEPTION) {
      throw new IOException("the store failed: " + message);
    }
    throw new NotReadyException("the partition cannot be asked: " + message);
  }

  private static <R> Optional<R> value(LayerQueryFailure<R> failure) throws IOException {
    Exception cause = failure.cause();
    return switch (failure.kind()) {
      case UNKNOWN_TIMELINE -> Optional.empty();
      case CLOSED ->
          throw new NotReadyException(
              "the partition is moving: " + failure.getFailureMessage(), cause);
      case LSN_NOT_REACHED, LIMIT_EXCEEDED, CORRUPT_LAYER, IO_ERROR -> {
        if (cause instanceof RuntimeException unchecked) {
          throw unchecked;
        }
        if (cause instanceof IOException io) {
          throw io;
        }
        throw new IOException(failure.getFailureMessage(), cause);
      }
    };
  }
}
