package io.walstrata.ingest.http;

import io.walstrata.layerstore.page.TimelineId;
import java.util.Collection;

/** A timeline is in several partitions: none has all of its history. */
public final class SplitTimelineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SplitTimelineException(TimelineId timeline, Collection<String> partitions) {
    super(
        "the timeline is in several partitions, each of which has a part of it; its producer must"
            + " keep it in one: timeline="
            + timeline
            + ", partitions="
            + partitions);
  }
}
