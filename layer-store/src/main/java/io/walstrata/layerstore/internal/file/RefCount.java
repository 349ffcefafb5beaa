package io.walstrata.layerstore.internal.file;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the users of something that is closed when the last one has gone. Starts with one user,
 * the owner. For any number of threads; nobody waits.
 */
public final class RefCount {
  private final AtomicInteger users = new AtomicInteger(1);

  /** Adds a user; returns false, and adds none, if the last one has gone already. */
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

  /** Takes a user away; returns true if it was the last one, who has to close the thing. */
  public boolean release() {
    int left = users.decrementAndGet();
    assert left >= 0 : "released more often than acquired, users=" + left;
    return left == 0;
  }
}
