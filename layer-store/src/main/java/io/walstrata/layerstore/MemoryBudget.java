package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.IoRunnable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the heap that the open and frozen layers of many stores take together: their indexes, the
 * buffers in front of their ephemeral files, and what writing them out will take. What their
 * timelines, the descriptions of layer files, and the caches of those that were read and of pages
 * take is counted too. One of the {@link StoreResources} that stores share. For any thread.
 *
 * <p>Two bounds follow from the one setting. When open layers take more than half of it, less what
 * timelines, files and the caches take (but not less than an eighth), the store whose open layers
 * take most freezes them early ({@link io.walstrata.layerstore.FreezeReason#MEMORY}), whether or
 * not a thread is writing to it. When open and frozen layers together take more than all of it,
 * writers are held until a frozen layer is written out.
 *
 * <p>Both are checked between the records of a log, by {@link LayerWriter#settleMemory}, so one
 * record of each writing thread may exceed them: by what it adds, about 100 bytes a version, and by
 * one growth of full arrays, at most half of what its open layer has.
 */
public final class MemoryBudget {
  /*
   * A layer counts its arrays when they grow, which is rare; a store adds them up and updates the
   * totals here. Between two records only the totals are compared.
   *
   * Locks: a thread that puts a record holds its partition's lock and takes no lock of this class;
   * settle() is called without that lock. A thread that freezes early holds `choosing`, for which
   * the others wait, and only tries the locks of partitions: a thread that is putting a record
   * calls settle() itself afterwards. Writing frozen layers needs no partition's lock. So there is
   * no cycle of waiting threads.
   *
   * Frozen layers that cannot be written, as on a full disk, hold the writers: that is the bound.
   * But while no layer is being written, waiting would not help, and a writer continues.
   */
  private static final long CHECK_MS = 100;

  private static final Logger LOG = LoggerFactory.getLogger(MemoryBudget.class);

  /** The number of stores whose full write buffers together may take a quarter of the budget. */
  private static final int BUFFERS = 64;

  /** The part of the budget that open layers may always take, one in this many. */
  private static final int LEAST_OPEN = 8;

  private final long limitBytes;
  private final LongSupplier nanoClock;
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong frozen = new AtomicLong();
  private final AtomicLong kept = new AtomicLong(); // of timelines and files; no freeze frees it
  private final AtomicLong cached = new AtomicLong(); // of layer files that were read, and pages
  private final AtomicLong held = new AtomicLong(); // the sum of the four; no layer counts twice
  private final AtomicBoolean isReported = new AtomicBoolean(); // that kept bytes are many
  private final Set<BudgetShare> shares = ConcurrentHashMap.newKeySet();
  private final ReentrantLock choosing = new ReentrantLock();
  private final ReentrantLock waiting = new ReentrantLock();
  private final Condition fewer = waiting.newCondition();

  /**
   * @param limitBytes 1 MiB or more; {@link Long#MAX_VALUE} for no bound
   * @param nanoClock as {@link System#nanoTime}
   */
  MemoryBudget(long limitBytes, LongSupplier nanoClock) {
    if (limitBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "the memory budget must be at least 1 MiB: limitBytes=" + limitBytes);
    }
    this.limitBytes = limitBytes;
    this.nanoClock = nanoClock;
  }

  public long limitBytes() {
    return limitBytes;
  }

  /**
   * Returns the length that a store's write buffer may have, at most the length that is set for it.
   */
  int bufferBytes(int wanted) {
    return (int)
        Math.min(
            wanted, Math.max(LayerStoreOptions.MIN_WRITE_BUFFER_BYTES, limitBytes / (4 * BUFFERS)));
  }

  /** Returns the heap that open layers take, in bytes. */
  public long openBytes() {
    return open.get();
  }

  /** Returns the heap that frozen layers take, in bytes. */
  public long frozenBytes() {
    return frozen.get();
  }

  /** Returns the heap that timelines and the descriptions of their files take, in bytes. */
  public long keptBytes() {
    return kept.get();
  }

  /** Returns the heap that cached pages and indexes and filters of layer files take, in bytes. */
  public long cachedBytes() {
    return cached.get();
  }

  /** Returns the heap that all of the above take, in bytes. */
  public long heldBytes() {
    return held.get();
  }

  BudgetShare join() {
    BudgetShare share = new BudgetShare(this);
    shares.add(share);
    return share;
  }

  void leave(BudgetShare share) {
    shares.remove(share);
  }

  void add(long openBytes, long frozenBytes) {
    frozen.addAndGet(frozenBytes);
    open.addAndGet(openBytes);
    held.addAndGet(openBytes + frozenBytes);
    if (openBytes + frozenBytes < 0) {
      waiting.lock();
      try {
        fewer.signalAll();
      } finally {
        waiting.unlock();
      }
    }
  }

  void keep(long bytes) {
    held.addAndGet(bytes);
    if (kept.addAndGet(bytes) > limitBytes / 2 && !isReported.getAndSet(true)) {
      LOG.warn(
          "timelines and the descriptions of layer files take more than half of the memory budget,"
              + " so layers are frozen sooner: raise the budget or the heap, or allow fewer"
              + " timelines: keptBytes={}, limitBytes={}",
          kept,
          limitBytes);
    }
  }

  /** Adds to the bytes of the caches; subtracts if negative. */
  void cache(long bytes) {
    cached.addAndGet(bytes);
    held.addAndGet(bytes);
  }

  private boolean isOpenOver() {
    return open.get() > maxOpenBytes();
  }

  private long maxOpenBytes() {
    return Math.max(limitBytes / LEAST_OPEN, (limitBytes - kept.get() - cached.get()) / 2);
  }

  private boolean isOver() {
    return held.get() > limitBytes;
  }

  /**
   * Freezes layers early if the open ones exceed their bound, and waits until all layers are within
   * theirs. The caller holds no lock.
   *
   * @param check called repeatedly during the wait; ends it by throwing
   * @return the time waited, in nanoseconds
   */
  long settle(IoRunnable check) throws IOException {
    if (!isOpenOver() && !isOver()) {
      return 0;
    }
    freezeLargest();
    if (!isOver() || frozen.get() == 0) {
      return 0;
    }
    long start = nanoClock.getAsLong();
    while (isOver() && frozen.get() > 0) {
      awaitFewer();
      check.run();
      freezeLargest();
    }
    return nanoClock.getAsLong() - start;
  }

  /**
   * Freezes the largest open layers until the rest is within the bound. Small ones are not frozen:
   * while the large ones are busy with a record, which may have to wait for a disk, each record of
   * the small ones would become a layer.
   */
  private void freezeLargest() {
    if (!isOpenOver()) {
      return;
    }
    choosing.lock(); // no writer continues before the excess is frozen
    try {
      if (isOpenOver()) {
        List<Candidate> candidates = candidates();
        long least = maxOpenBytes() / (2L * Math.max(1, candidates.size()));
        for (Candidate candidate : candidates) {
          if (isOpenOver() && candidate.openBytes >= least) {
            candidate.share.freezeEarly();
          }
        }
      }
    } finally {
      choosing.unlock();
    }
  }

  private record Candidate(BudgetShare share, long openBytes) {}

  private List<Candidate> candidates() {
    List<Candidate> candidates = new ArrayList<>();
    for (BudgetShare share : shares) {
      long bytes = share.openBytes();
      if (bytes > 0) {
        candidates.add(new Candidate(share, bytes));
      }
    }
    candidates.sort(Comparator.comparingLong(Candidate::openBytes).reversed());
    return candidates;
  }

  private void awaitFewer() throws InterruptedIOException {
    waiting.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(CHECK_MS);
      while (isOver() && left > 0) {
        left = fewer.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while layers exceed their memory budget");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      waiting.unlock();
    }
  }
}
