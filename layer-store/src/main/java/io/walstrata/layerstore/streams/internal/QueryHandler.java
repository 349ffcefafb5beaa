package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.streams.LayersQuery;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.RedoPageQuery;
import io.walstrata.layerstore.streams.StatusQuery;
import io.walstrata.layerstore.streams.TimelinesQuery;
import java.io.IOException;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;

/**
 * Answers interactive queries from an open store. A query succeeds whatever the outcome of the
 * read; it fails if the store is closed or has not ingested the position asked for.
 */
final class QueryHandler {
  private final LayerStateStore store;
  private final OpenStore open;

  QueryHandler(LayerStateStore store, OpenStore open) {
    this.store = store;
    this.open = open;
  }

  <R> QueryResult<R> handle(Query<R> query, PositionBound bound) {
    // Taken before the read, so that the answer is at least as new as the position it carries.
    Position position = open.position();
    QueryResult<R> result =
        isReached(position, bound)
            ? answer(query)
            : QueryResult.notUpToBound(position, bound, open.topicPartition().partition());
    result.setPosition(position);
    return result;
  }

  /** Returns whether this partition has ingested what the bound requires; others do not matter. */
  private boolean isReached(Position position, PositionBound bound) {
    int partition = open.topicPartition().partition();
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
      } else if (query instanceof RedoPageQuery page) {
        if (!engine().hasRedo()) {
          return withoutRedo();
        }
        answer = ReadAnswer.of(() -> page(page.page(), engine()));
      } else if (query instanceof LayersQuery layers) {
        answer = ReadAnswer.of(() -> engine().layers(layers.timeline(), layers.limit()));
      } else if (query instanceof TimelinesQuery timelines) {
        answer = ReadAnswer.of(() -> engine().timelines(timelines.limit()));
      } else if (query instanceof StatusQuery) {
        answer = open.status();
      } else {
        return QueryResult.forUnknownQueryType(query, store);
      }
    } catch (IllegalStateException e) {
      if (store.isOpen()) {
        throw e;
      }
      return closed(e);
    }
    return answer instanceof ReadAnswer.Failed<?> failed
            && isOfClosing(failed.cause())
            && !store.isOpen()
        ? closed(failed.cause())
        : result(answer);
  }

  /** Damage and a limit are what they are, whether or not the store is being closed. */
  private static boolean isOfClosing(Exception cause) {
    return cause instanceof IOException && !(cause instanceof CorruptLayerException);
  }

  private ReadAnswer<ReconstructData> page(PageQuery query) {
    return ReadAnswer.ofPage(
        () ->
            engine().get(query.timeline(), query.key(), query.asOf().orElse(null), query.limit()));
  }

  private static PageRead page(PageQuery query, LayerStore engine) throws IOException {
    return engine.page(query.timeline(), query.key(), query.asOf().orElse(null), query.limit());
  }

  private <R> QueryResult<R> withoutRedo() {
    return QueryResult.forFailure(
        FailureReason.UNKNOWN_QUERY_TYPE,
        "the store has no redo to make pages with, give one in its options: " + open.location());
  }

  private LayerStore engine() {
    return open.engine();
  }

  /**
   * Returns a successful result. The type parameter of a query is the type of its result, which the
   * compiler cannot check.
   */
  @SuppressWarnings("unchecked")
  private static <R> QueryResult<R> result(Object result) {
    return QueryResult.forResult((R) result);
  }

  /** Returns the failure of a query during which the store was closed. */
  private <R> QueryResult<R> closed(Exception e) {
    return QueryResult.forFailure(
        FailureReason.NOT_PRESENT,
        (e.getMessage() == null ? e.toString() : e.getMessage()) + ", " + open.location());
  }
}
