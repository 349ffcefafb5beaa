package io.walstrata.ingest.query;

import io.walstrata.ingest.http.LayerReads;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
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
 * Reads the stores of this instance by interactive queries. A timeline is in one partition, which
 * cannot be computed from its id, so all are asked, and the one that has it answers.
 *
 * <p>A partition that is being restored is asked too: what it has is right, and it knows its last
 * LSN.
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
  public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
    return allPresent().flatMap(present -> presentTimelines(limit));
  }

  private ReadAnswer<List<Located>> presentTimelines(ReadLimit limit) {
    ReadAnswer<List<Located>> all = new ReadAnswer.Found<>(new ArrayList<>());
    for (PartitionAnswer<List<TimelineInfo>> each : read(TimelinesQuery.all().within(limit))) {
      all = all.flatMap(found -> each.answer().map(more -> added(found, each.partition(), more)));
    }
    return all;
  }

  private static List<Located> added(
      List<Located> found, String partition, List<TimelineInfo> timelines) {
    timelines.forEach(info -> found.add(new Located(partition, info)));
    return found;
  }

  @Override
  public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
    return readOwner(timeline, LayersQuery.ofTimeline(timeline).within(limit));
  }

  @Override
  public ReadAnswer<ReconstructData> page(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return readOwner(timeline, query(timeline, key, asOf, limit));
  }

  @Override
  public ReadAnswer<PageRead> redonePage(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return readOwner(timeline, query(timeline, key, asOf, limit).withRedo());
  }

  private static PageQuery query(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    PageQuery query = PageQuery.withKey(timeline, key).within(limit);
    return asOf == null ? query : query.asOf(asOf);
  }

  /**
   * Returns the answer of the one partition that has the timeline. All stores are asked, or a
   * timeline in two topics would be answered from a part of it.
   */
  private <T> ReadAnswer<T> readOwner(TimelineId timeline, Query<ReadAnswer<T>> query) {
    ReadAnswer<T> answer = PartitionAnswer.ofOwner(timeline, read(query));
    return answer instanceof ReadAnswer.UnknownTimeline<T>
        ? allPresent().flatMap(present -> answer)
        : answer;
  }

  /** Returns {@link ReadAnswer.NotReady} while partitions of this instance may not be here yet. */
  private ReadAnswer<Boolean> allPresent() {
    KafkaStreams job = streams.get();
    if (job == null) {
      return starting();
    }
    KafkaStreams.State state = job.state();
    return state == KafkaStreams.State.RUNNING
        ? new ReadAnswer.Found<>(true)
        : new ReadAnswer.NotReady<>("partitions are starting, restoring or moving: state=" + state);
  }

  private static <T> ReadAnswer<T> starting() {
    return new ReadAnswer.NotReady<>("the job is starting");
  }

  /**
   * The statuses of the partitions' stores.
   *
   * @param known of those that can be asked
   * @param problem why others cannot; empty if there are no others
   */
  public record Statuses(List<LayerStoreStatus> known, Optional<String> problem) {}

  /** Returns the status of each partition's store. */
  public Statuses statuses() {
    List<LayerStoreStatus> known = new ArrayList<>();
    String problem = null;
    for (PartitionAnswer<LayerStoreStatus> each : ask(StatusQuery.instance())) {
      if (each.answer() instanceof ReadAnswer.Found<LayerStoreStatus> found) {
        known.add(found.value());
      } else if (each.answer() instanceof ReadAnswer.NotReady<?> notReady) {
        problem = notReady.why();
      } else if (each.answer() instanceof ReadAnswer.Failed<?> failed) {
        problem = String.valueOf(failed.cause().getMessage());
      }
    }
    return new Statuses(known, Optional.ofNullable(problem));
  }

  /** A partition's store and its timelines. */
  public record StoreReading(LayerStoreStatus status, List<TimelineInfo> timelines) {}

  /** Returns the stores and timelines of the partitions that can be asked. */
  public List<StoreReading> readings() {
    Map<String, List<TimelineInfo>> timelines = new HashMap<>();
    for (PartitionAnswer<List<TimelineInfo>> each : read(TimelinesQuery.all())) {
      timelines.put(each.partition(), each.answer().fold(found -> found, none -> List.of()));
    }
    return statuses().known().stream()
        .map(
            status ->
                new StoreReading(
                    status,
                    timelines.getOrDefault(
                        partition(status.topic(), status.partition()), List.of())))
        .toList();
  }

  private static String partition(String topic, int partition) {
    return topic + "-" + partition;
  }

  /** Returns each partition's answer to a read. */
  private <T> List<PartitionAnswer<T>> read(Query<ReadAnswer<T>> query) {
    return ask(query).stream()
        .map(each -> new PartitionAnswer<T>(each.partition(), each.answer().flatMap(read -> read)))
        .toList();
  }

  /** Returns the result of each partition that is here. */
  private <R> List<PartitionAnswer<R>> ask(Query<R> query) {
    List<PartitionAnswer<R>> answers = new ArrayList<>();
    stores.forEach((store, topic) -> ask(store, topic, query, answers));
    return answers;
  }

  private <R> void ask(
      String store, String topic, Query<R> query, List<PartitionAnswer<R>> answers) {
    KafkaStreams job = streams.get();
    if (job == null) {
      answers.add(new PartitionAnswer<>(topic, starting()));
      return;
    }
    Map<Integer, QueryResult<R>> results;
    try {
      results = job.query(StateQueryRequest.inStore(store).withQuery(query)).getPartitionResults();
    } catch (InvalidStateStoreException e) {
      LOG.debug("the store cannot be queried: store={}", store, e);
      answers.add(new PartitionAnswer<>(topic, notReady(store, e)));
      return;
    }
    new TreeMap<>(results)
        .forEach(
            (partition, result) ->
                answers.add(
                    new PartitionAnswer<>(
                        partition(topic, partition), answer(store, partition, result))));
  }

  private static <R> ReadAnswer<R> notReady(String store, InvalidStateStoreException e) {
    return new ReadAnswer.NotReady<>(
        e instanceof StreamsNotStartedException || e instanceof StreamsStoppedException
            ? "the job does not run: " + e.getMessage()
            : "the store cannot be queried: store=" + store + ", error=" + e.getMessage());
  }

  private static <R> ReadAnswer<R> answer(String store, int partition, QueryResult<R> result) {
    if (result.isSuccess()) {
      return new ReadAnswer.Found<>(result.getResult());
    }
    String facts =
        "store=" + store + ", partition=" + partition + ", error=" + result.getFailureMessage();
    return result.getFailureReason() == FailureReason.STORE_EXCEPTION
        ? new ReadAnswer.Failed<>(new IOException("the store failed: " + facts))
        : new ReadAnswer.NotReady<>("the partition cannot be queried: " + facts);
  }
}
