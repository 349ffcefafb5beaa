package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.ReadLimitException;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.streams.LayerQueryFailure;
import io.walstrata.layerstore.streams.LayerQueryFailure.Kind;
import io.walstrata.layerstore.streams.LayersQuery;
import io.walstrata.layerstore.streams.PageQuery;
import io.walstrata.layerstore.streams.StatusQuery;
import io.walstrata.layerstore.streams.TimelinesQuery;
import java.io.IOException;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;

/** Answers interactive queries from an open store; every failure becomes a result. */
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

  /** Whether this partition has come as far as the bound says; other partitions do not matter. */
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
    try {
      if (query instanceof PageQuery page) {
        return result(
            opened.engine().get(page.timeline(), page.key(), page.asOf().orElse(null), page.limit()));
      }
      if (query instanceof LayersQuery layers) {
        return result(opened.engine().layers(layers.timeline(), layers.limit()));
      }
      if (query instanceof TimelinesQuery timelines) {
        return result(opened.engine().timelines(timelines.limit()));
      }
      if (query instanceof StatusQuery) {
        return result(opened.status());
      }
      return QueryResult.forUnknownQueryType(query, store);
    } catch (UnknownTimelineException e) {
      return failure(Kind.UNKNOWN_TIMELINE, e);
    } catch (LsnNotReachedException e) {
      return failure(Kind.LSN_NOT_REACHED, e);
    } catch (ReadLimitException e) {
      return failure(Kind.LIMIT_EXCEEDED, e);
    } catch (CorruptLayerException e) {
      return failure(Kind.CORRUPT_LAYER, e);
    } catch (IOException e) {
      return failure(store.isOpen() ? Kind.IO_ERROR : Kind.CLOSED, e);
    } catch (IllegalStateException e) {
      if (store.isOpen()) {
        throw e;
      }
      return failure(Kind.CLOSED, e);
    }
  }

  /** The type parameter of a query is the type of its result; the compiler cannot know. */
  @SuppressWarnings("unchecked")
  private static <R> QueryResult<R> result(Object result) {
    return QueryResult.forResult((R) result);
  }

  private <R> QueryResult<R> failure(Kind kind, Exception e) {
    String text = e.getMessage() == null ? e.toString() : e.getMessage();
    return new LayerQueryFailure<>(kind, text + ", " + opened.location(), e);
  }
}
