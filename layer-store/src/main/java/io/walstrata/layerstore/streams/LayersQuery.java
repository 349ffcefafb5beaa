package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.query.Query;

/** Queries a timeline's layers, oldest first; for failures see {@link PageQuery}. Immutable. */
public final class LayersQuery implements Query<ReadAnswer<List<LayerDesc>>> {
  private final TimelineId timeline;

  private final ReadLimit limit;

  private LayersQuery(TimelineId timeline, ReadLimit limit) {
    this.timeline = Objects.requireNonNull(timeline, "timeline");
    this.limit = Objects.requireNonNull(limit, "limit");
  }

  public static LayersQuery ofTimeline(TimelineId timeline) {
    return new LayersQuery(timeline, ReadLimit.NONE);
  }

  /** Returns this query with a limit on the heap that its answer takes. */
  public LayersQuery within(ReadLimit readLimit) {
    return new LayersQuery(timeline, readLimit);
  }

  public ReadLimit limit() {
    return limit;
  }

  public TimelineId timeline() {
    return timeline;
  }

  @Override
  public String toString() {
    return "LayersQuery(timeline=" + timeline + ")";
  }
}
