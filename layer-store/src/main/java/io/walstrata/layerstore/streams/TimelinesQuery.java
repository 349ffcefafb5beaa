package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.TimelineInfo;
import java.util.List;
import org.apache.kafka.streams.query.Query;

/** Asks for the timelines of each partition, in the order of their ids. Immutable. */
public final class TimelinesQuery implements Query<List<TimelineInfo>> {
  private static final TimelinesQuery ALL = new TimelinesQuery();

  private TimelinesQuery() {}

  public static TimelinesQuery all() {
    return ALL;
  }

  @Override
  public String toString() {
    return "TimelinesQuery()";
  }
}
