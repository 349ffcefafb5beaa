package io.walstrata.layerstore.page;

/** A read as of an LSN that the timeline has not reached: there is no answer yet. */
public final class LsnNotReachedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Lsn lastLsn;

  public LsnNotReachedException(TimelineId timeline, Lsn asOf, Lsn lastLsn) {
    super("LSN not reached yet: timeline=" + timeline + ", asOf=" + asOf + ", lastLsn=" + lastLsn);
    this.lastLsn = lastLsn;
  }

  /** Returns how far the timeline is. */
  public Lsn lastLsn() {
    return lastLsn;
  }
}
