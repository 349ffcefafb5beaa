package io.walstrata.layerstore.page;

/**
 * A new timeline would exceed the number that the store takes; nothing is put. A replay refuses the
 * same records, as this depends on the log and on the setting alone.
 */
public final class TooManyTimelinesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TooManyTimelinesException(TimelineId timeline, int maxTimelines) {
    super(
        "no room for a new timeline; raise maxTimelines or correct the producer: timeline="
            + timeline
            + ", maxTimelines="
            + maxTimelines);
  }
}
