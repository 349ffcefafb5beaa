package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.query.Query;

/** Asks for a timeline's layers, oldest first. Immutable. */
public final class LayersQuery implements Query<List<LayerDesc>> {
  private final TimelineId timeline;

  private LayersQuery(TimelineId timeline) {
    this.timeline = Objects.requireNonNull(timeline, "timeline");
  }

  public static LayersQuery ofTimeline(TimelineId timeline) {
    return new LayersQuery(timeline);
  }

  public TimelineId timeline() {
    return timeline;
  }

  @Override
  public String toString() {
    return "LayersQuery(timeline=" + timeline + ")";
  }
}
