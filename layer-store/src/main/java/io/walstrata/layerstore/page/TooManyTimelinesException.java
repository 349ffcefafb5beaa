package io.walstrata.layerstore.page;

/**
 * A new timeline would be one more than the store takes; nothing is put. The same records in the
 * same order are refused again: it depends on the log and on the setting alone.
 */
public final class TooManyTimelinesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TooManyTimelinesException(TimelineId timeline, int maxTimelines) {
    super(
        "no room for a new timeline, raise the bound or correct the producer: timeline="
            + timeline
            + ", maxTimelines="
            + maxTimelines);
  }
}
