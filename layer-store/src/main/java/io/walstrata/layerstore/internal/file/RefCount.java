package io.walstrata.layerstore.internal.file;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the users of a resource that is closed when the last one has released it. Starts with one
 * user, the creator. For any thread; no method waits.
 */
public final class RefCount {
  private final AtomicInteger users = new AtomicInteger(1);

  /** Adds a user; returns false, and adds none, if the last one has released it already. */
  public boolean tryAcquire() {
    int seen = users.get();
    while (seen > 0) {
      int witness = users.compareAndExchange(seen, seen + 1);
      if (witness == seen) {
        return true;
      }
      seen = witness;
    }
    return false;
  }

  /** Removes a user; returns true if it was the last one, which must close the resource. */
  public boolean release() {
    int left = users.decrementAndGet();
    assert left >= 0 : "released more often than acquired, users=" + left;
    return left == 0;
  }
}
