package io.walstrata.layerstore.page;

/** A timeline of which the store holds nothing. */
public final class UnknownTimelineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient TimelineId timeline;

  public UnknownTimelineException(TimelineId timeline) {
    super("unknown timeline: timeline=" + timeline);
    this.timeline = timeline;
  }

  public TimelineId timeline() {
    return timeline;
  }
}
