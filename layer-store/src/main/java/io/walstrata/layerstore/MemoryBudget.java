package io.walstrata.layerstore;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the heap that the open and frozen layers of many stores take together: their indexes, the
 * buffers in front of their ephemeral files, and what writing them out will take. What their
 * timelines take, what is known of each layer file, and the cache of those that were read have
 * their part in it. One of the {@link StoreResources} that stores share. For any thread.
 *
 * <p>Two bounds follow from the one setting. When open layers take more than half of it, less what
 * timelines, files and their cache take (but not less than an eighth), the store whose open layers
 * take most freezes them early ({@link io.walstrata.layerstore.page.FreezeReason#MEMORY}),
 * whichever thread is at work on it, or none. When open and frozen layers together take more than
 * all of it, writers are held until a frozen layer is written out.
 *
 * <p>Both are looked at between the records of a log, by {@link LayerStore#settleMemory}, so one
 * record of each writing thread may go beyond: by what it adds, about 100 bytes a version, and by
 * one step of growth of arrays that are full, at most half of what its open layer has.
 */
public final class MemoryBudget {
  /*
   * Layers count what they are made of when it grows, which is rare; a store adds up, and changes
   * the two totals here. Between records there is only a look at the totals.
   *
   * Locks: a thread that is in a record holds its partition's lock and asks for none of these;
   * settle() is called without. Whoever freezes early holds `choosing`, for which the others wait,
   * and only tries the locks of partitions: one that is in the middle of a record comes here itself
   * when it is done with it.
   * Writing frozen layers out needs no partition's lock. So nothing waits in a circle.
   *
   * Frozen layers that cannot be written (a full disk) keep writers held: that is the bound. But
   * where nothing is being written, waiting would not help, and a writer goes on.
   */
  private static final long CHECK_MS = 100;

  private static final Logger LOG = LoggerFactory.getLogger(MemoryBudget.class);

  /** Stores with their buffers full that may take a quarter of the budget with these. */
  private static final int BUFFERS = 64;

  /** The part of the budget that open layers may take, whatever timelines and files take. */
  private static final int LEAST_OPEN = 8;

  private final long limitBytes;
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong frozen = new AtomicLong();
  private final AtomicLong kept = new AtomicLong(); // of timelines and files; no freeze frees it
  private final AtomicLong cached = new AtomicLong(); // of layer files that were read
  private final AtomicLong held = new AtomicLong(); // all: what moves is never counted twice
  private final AtomicBoolean isTold = new AtomicBoolean(); // that the rest is short
  private final Set<BudgetShare> shares = ConcurrentHashMap.newKeySet();
  private final ReentrantLock choosing = new ReentrantLock();
  private final ReentrantLock waiting = new ReentrantLock();
  private final Condition fewer = waiting.newCondition();

  /**
   * @param limitBytes 1 MiB or more; {@link Long#MAX_VALUE} for no bound
   */
  public MemoryBudget(long limitBytes) {
    if (limitBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "a memory budget of less than 1 MiB holds no layers: limitBytes=" + limitBytes);
    }
    this.limitBytes = limitBytes;
  }

  /** Returns a budget that bounds nothing. */
  public static MemoryBudget unlimited() {
    return new MemoryBudget(Long.MAX_VALUE);
  }

  public long limitBytes() {
    return limitBytes;
  }

  /** Returns how long a store's write buffer may get, which is wanted to be this long. */
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

  /** Returns the heap that timelines, and what is known of their files, take, in bytes. */
  public long keptBytes() {
    return kept.get();
  }

  /** Returns the heap that indexes and filters of layer files take that were read, in bytes. */
  public long cachedBytes() {
    return cached.get();
  }

  /** Returns the heap that all of these take, in bytes. */
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
    if (kept.addAndGet(bytes) > limitBytes / 2 && !isTold.getAndSet(true)) {
      LOG.warn(
          "timelines and the descriptions of layer files take more than half of the memory budget,"
              + " so layers are frozen sooner: raise the budget or the heap, or allow fewer"
              + " timelines: keptBytes={}, limitBytes={}",
          kept,
          limitBytes);
    }
  }

  /** Counts what is kept in memory of layer files that were read; less if negative. */
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

  /** Whether whoever waits still has to. */
  interface Waiter {
    void check() throws IOException;
  }

  /**
   * Freezes early what has to be, and waits until there is room. The caller holds no lock.
   *
   * @param waiter asked now and then; ends the waiting by throwing
   * @return how long this waited, in nanoseconds
   */
  long settle(Waiter waiter) throws IOException {
    if (!isOpenOver() && !isOver()) {
      return 0;
    }
    freezeLargest();
    if (!isOver() || frozen.get() == 0) {
      return 0;
    }
    long start = System.nanoTime();
    while (isOver() && frozen.get() > 0) {
      awaitFewer();
      waiter.check();
      freezeLargest();
    }
    return System.nanoTime() - start;
  }

  /**
   * Freezes what takes most, until the rest is not too much. Not what is small beside the others:
   * if the large ones are in the middle of a record, and that may have to wait for a disk, there
   * would be a layer for each record of the small ones.
   */
  private void freezeLargest() {
    if (!isOpenOver()) {
      return;
    }
    choosing.lock(); // nobody goes on before what is too much is frozen
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
          new InterruptedIOException("interrupted while layers are over their memory budget");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      waiting.unlock();
    }
  }
}
