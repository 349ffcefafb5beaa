package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.streams.LayersQuery;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.StatusQuery;
import io.walstrata.layerstore.streams.TimelinesQuery;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;

/**
 * Answers interactive queries from an open store. The outcome of a read is the result of a query
 * that succeeded; a query fails if the store is closed or has not ingested the position asked for.
 */
final class QueryHandler {
  private final LayerStateStore store;
  private final OpenStore opened;

  QueryHandler(LayerStateStore store, OpenStore opened) {
    this.store = store;
    this.opened = opened;
  }

  <R> QueryResult<R> handle(Query<R> query, PositionBound bound) {
    // Taken before the read, so that the answer is at least as new as the position it carries.
    Position position = opened.position();
    QueryResult<R> result =
        isReached(position, bound)
            ? answer(query)
            : QueryResult.notUpToBound(position, bound, opened.topicPartition().partition());
    result.setPosition(position);
    return result;
  }

  /** Whether this partition has ingested what the bound asks for; others do not matter. */
  private boolean isReached(Position position, PositionBound bound) {
    int partition = opened.topicPartition().partition();
    for (String topic : bound.position().getTopics()) {
      Long required = bound.position().getPartitionPositions(topic).get(partition);
      Long reached = position.getPartitionPositions(topic).get(partition);
      if (required != null && (reached == null || reached < required)) {
        return false;
      }
    }
    return true;
  }

  private <R> QueryResult<R> answer(Query<R> query) {
    Object answer;
    try {
      if (query instanceof PageQuery page) {
        answer = page(page);
      } else if (query instanceof LayersQuery layers) {
        answer = ReadAnswer.of(() -> engine().layers(layers.timeline(), layers.limit()));
      } else if (query instanceof TimelinesQuery timelines) {
        answer = ReadAnswer.of(() -> engine().timelines(timelines.limit()));
      } else if (query instanceof StatusQuery) {
        answer = opened.status();
      } else {
        return QueryResult.forUnknownQueryType(query, store);
      }
    } catch (IllegalStateException e) {
      if (store.isOpen()) {
        throw e;
      }
      return closed(e);
    }
    return answer instanceof ReadAnswer.Failed<?> failed && !store.isOpen()
        ? closed(failed.cause())
        : result(answer);
  }

  private ReadAnswer<ReconstructData> page(PageQuery query) {
    return ReadAnswer.ofPage(
        () ->
            engine().get(query.timeline(), query.key(), query.asOf().orElse(null), query.limit()));
  }

  private LayerStore engine() {
    return opened.engine();
  }

  /** The type parameter of a query is the type of its result; the compiler cannot know. */
  @SuppressWarnings("unchecked")
  private static <R> QueryResult<R> result(Object result) {
    return QueryResult.forResult((R) result);
  }

  /** The store was closed during the read. */
  private <R> QueryResult<R> closed(Exception e) {
    return QueryResult.forFailure(
        FailureReason.NOT_PRESENT,
        (e.getMessage() == null ? e.toString() : e.getMessage()) + ", " + opened.location());
  }
}
