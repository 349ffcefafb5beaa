package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a read has found so far, filled by one layer after the other from newest to oldest. For one
 * thread.
 */
public final class ReconstructState {
  /*
   * A tombstone hides versions at its own LSN too, and may be in an older layer than those: layers
   * may share their boundary LSN. So it can take back what newer layers have given.
   */
  private final List<Version> newestFirst = new ArrayList<>();
  private Lsn droppedAt = Lsn.INVALID;
  private boolean hasBase;

  /** Takes the next older version; returns whether older ones are needed. */
  boolean add(Lsn lsn, Value value) {
    assert !hasBase : "version behind the base, lsn=" + lsn;
    newestFirst.add(new Version(lsn, value));
    hasBase = !value.kind().needsOlder();
    return !hasBase;
  }

  /** Takes a tombstone that covers the key: nothing at or below its LSN counts. */
  void drop(Lsn lsn) {
    droppedAt = lsn.isAfter(droppedAt) ? lsn : droppedAt;
    while (!newestFirst.isEmpty() && !oldest().isAfter(droppedAt)) {
      newestFirst.remove(newestFirst.size() - 1);
      hasBase = false;
    }
  }

  private Lsn oldest() {
    return newestFirst.get(newestFirst.size() - 1).lsn();
  }

  /** Returns whether an image or a will_init record was met. */
  public boolean hasBase() {
    return hasBase;
  }

  /** Returns the LSN of the base; only if there is one. */
  public Lsn baseLsn() {
    if (!hasBase) {
      throw new IllegalStateException("no base was met");
    }
    return oldest();
  }

  /** Returns the LSN of the newest tombstone that was met, {@link Lsn#INVALID} for none. */
  public Lsn droppedAt() {
    return droppedAt;
  }

  /** Returns the same as {@link #droppedAt()}; empty for none. */
  public Optional<Lsn> tombstone() {
    return droppedAt.equals(Lsn.INVALID) ? Optional.empty() : Optional.of(droppedAt);
  }

  /** Returns the versions that count, oldest first. */
  public List<Version> versions() {
    List<Version> oldestFirst = new ArrayList<>(newestFirst);
    Collections.reverse(oldestFirst);
    return oldestFirst;
  }

  /** Returns whether nothing older than what was met so far counts. */
  ValueReconstructResult result() {
    return hasBase || !droppedAt.equals(Lsn.INVALID)
        ? ValueReconstructResult.COMPLETE
        : ValueReconstructResult.CONTINUE;
  }
}
