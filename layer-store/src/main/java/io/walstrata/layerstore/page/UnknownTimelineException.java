package io.walstrata.layerstore.page;

/** A timeline of which the store holds nothing. */
public final class UnknownTimelineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownTimelineException(TimelineId timeline) {
    super("unknown timeline: timeline=" + timeline);
  }
}
