package io.walstrata.layerstore.page;

/** A read as of an LSN that is greater than the timeline's last one: there is no answer yet. */
public final class LsnNotReachedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient TimelineId timeline;
  private final transient Lsn asOf;
  private final transient Lsn lastLsn;

  public LsnNotReachedException(TimelineId timeline, Lsn asOf, Lsn lastLsn) {
    super("LSN not reached yet: timeline=" + timeline + ", asOf=" + asOf + ", lastLsn=" + lastLsn);
    this.timeline = timeline;
    this.asOf = asOf;
    this.lastLsn = lastLsn;
  }

  public TimelineId timeline() {
    return timeline;
  }

  /** Returns the LSN that was asked for. */
  public Lsn asOf() {
    return asOf;
  }

  /** Returns the timeline's last LSN: reads up to and including it are answered. */
  public Lsn lastLsn() {
    return lastLsn;
  }
}
