package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.TimelineInfo;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.query.Query;

/**
 * Queries the timelines of each partition, in the order of their ids. Each is {@link
 * ReadAnswer.Found}, unless the query's limit refused; for failures see {@link PageQuery}.
 * Immutable.
 */
public final class TimelinesQuery implements Query<ReadAnswer<List<TimelineInfo>>> {
  private static final TimelinesQuery ALL = new TimelinesQuery(ReadLimit.NONE);

  private final ReadLimit limit;

  private TimelinesQuery(ReadLimit limit) {
    this.limit = limit;
  }

  public static TimelinesQuery all() {
    return ALL;
  }

  /** Returns this query with a limit on the heap that its answer takes. */
  public TimelinesQuery within(ReadLimit readLimit) {
    return new TimelinesQuery(Objects.requireNonNull(readLimit, "limit"));
  }

  public ReadLimit limit() {
    return limit;
  }

  @Override
  public String toString() {
    return "TimelinesQuery()";
  }
}
