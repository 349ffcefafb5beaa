package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.StoreFailedException;
import io.walstrata.layerstore.home.FencedException;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.home.ManifestMovedException;
import io.walstrata.layerstore.internal.file.WriteResources;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.internal.manifest.ManifestKeeper;
import io.walstrata.layerstore.internal.memory.DamagedValuesException;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.memory.MappedValues;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.retry.Backoff;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes frozen layers to files and names them in the manifest, one freeze point after the other,
 * in a thread of its own. An attempt that fails on the disk is repeated until it succeeds, the
 * store is closed, or the home has another owner. Any other failure would recur: it ends the store,
 * see {@link StoreFailedException}.
 */
public final class Flusher {
  /*
   * An attempt writes only the files that earlier attempts have not written, and then the same
   * manifest. Nothing is removed from the queue or published to readers before the manifest is
   * durable.
   */
  private static final Backoff BACKOFF =
      Backoff.doubling(Duration.ofMillis(50), Duration.ofSeconds(5));
  private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Logger LOG = LoggerFactory.getLogger(Flusher.class);

  /** Frozen layers that are not written yet. */
  public record Backlog(int layers, long valueBytes) {
    public static final Backlog NONE = new Backlog(0, 0);
  }

  /**
   * Called by the flusher's thread: publishes the files of a freeze point once they are durable.
   */
  public interface Completion {
    void durable(FrozenLayers frozen, List<ManifestLayer> files);

    /** Called when writing has ended: the layers that wait are never written. */
    void ended();
  }

  private final LayerHome home;
  private final ManifestKeeper manifests;
  private final int maxFrozen;
  private final Compression compression;
  private final Completion completion;
  private final WriteCounters counters;
  private final WriteResources writes;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<FrozenLayers> waiting = new ArrayDeque<>(); // guarded by lock
  private @Nullable FrozenLayers current; // being written; guarded by lock
  private volatile @Nullable IOException fatal; // why writing has ended; set under lock
  private volatile @Nullable IOException failure;
  private volatile boolean closed; // written under lock

  public Flusher(
      LayerHome home,
      ManifestKeeper manifests,
      int maxFrozen,
      Compression compression,
      Completion completion,
      WriteCounters counters,
      WriteResources writes) {
    this.home = home;
    this.manifests = manifests;
    this.maxFrozen = maxFrozen;
    this.compression = compression;
    this.completion = completion;
    this.counters = counters;
    this.writes = writes;
    thread = writes.newThread("walstrata-flusher " + home.location(), this::run);
  }

  public void start() {
    thread.start();
  }

  /** Returns why the last attempt failed; empty if it did not. */
  public Optional<IOException> failure() {
    IOException ended = fatal;
    return Optional.ofNullable(ended == null ? failure : ended);
  }

  /** Returns why nothing can be written until a restart; empty if layers can be written. */
  public Optional<StoreFailedException> storeFailure() {
    return fatal instanceof StoreFailedException failed ? Optional.of(failed) : Optional.empty();
  }

  /** Ends the store after a failure that only a restart can repair. For any thread. */
  public void fail(Throwable cause) {
    stop(failed(cause));
  }

  private StoreFailedException failed(Throwable cause) {
    return new StoreFailedException(home.location(), cause);
  }

  /** Waits until fewer than the allowed number of freeze points wait for their files. */
  public void awaitRoom() throws IOException {
    lock.lock();
    try {
      if (hasRoom()) {
        return;
      }
      counters.holdBegins();
      try {
        while (!hasRoom()) {
          changed.await();
        }
      } finally {
        counters.holdEnds(/* leastNanos= */ 0);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while frozen layers wait for their files");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether fewer than the allowed number of freeze points wait for their files. */
  public boolean hasRoom() throws IOException {
    lock.lock();
    try {
      checkUsable();
      return layered() < maxFrozen;
    } finally {
      lock.unlock();
    }
  }

  public Backlog backlog() {
    lock.lock();
    try {
      int layers = 0;
      long valueBytes = 0;
      for (FrozenLayers frozen : waiting) {
        layers += frozen.layers().size();
        valueBytes += frozen.valueBytes();
      }
      FrozenLayers writing = current;
      return writing == null
          ? new Backlog(layers, valueBytes)
          : new Backlog(layers + writing.layers().size(), valueBytes + writing.valueBytes());
    } finally {
      lock.unlock();
    }
  }

  private int layered() {
    int count = 0;
    for (FrozenLayers frozen : waiting) {
      count += frozen.isEmpty() ? 0 : 1;
    }
    FrozenLayers writing = current;
    return writing == null || writing.isEmpty() ? count : count + 1;
  }

  private void checkUsable() throws IOException {
    IOException ended = fatal;
    if (ended != null) {
      throw ended;
    }
    if (closed) {
      throw new IllegalStateException("store is closed: home=" + home.location());
    }
  }

  /** Throws if nothing can be written any more. */
  public void check() throws IOException {
    lock.lock();
    try {
      checkUsable();
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether nothing waits for its files. */
  public boolean isIdle() {
    lock.lock();
    try {
      return waiting.isEmpty() && current == null;
    } finally {
      lock.unlock();
    }
  }

  /** Adds the layers of one freeze point to the queue, and takes ownership of them. */
  public void submit(FrozenLayers frozen) {
    lock.lock();
    try {
      if (closed) {
        frozen.release();
      } else if (frozen.isEmpty() && !waiting.isEmpty()) {
        waiting.addLast(waiting.removeLast().followedBy(frozen));
      } else {
        waiting.addLast(frozen);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until all layers are written.
   *
   * @return false if the time was over before that
   */
  public boolean awaitIdle(Duration timeout) throws IOException, InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (!waiting.isEmpty() || current != null) {
        checkUsable();
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      checkUsable();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the thread, and discards the layers that wait.
   *
   * @return false if the thread hangs in a file system call and may still write
   */
  public boolean close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    LongSupplier clock = writes.nanoClock();
    long start = clock.getAsLong();
    while (thread.isAlive() && clock.getAsLong() - start < CLOSE_TIMEOUT_NANOS) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, CLOSE_TIMEOUT_NANOS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    releaseWaiting();
    return !thread.isAlive();
  }

  private void releaseWaiting() {
    lock.lock();
    try {
      waiting.forEach(FrozenLayers::release);
      waiting.clear();
      FrozenLayers writing = current;
      if (writing != null && !thread.isAlive()) {
        writing.release();
        current = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      FrozenLayers next = take();
      while (next != null && flush(next)) {
        done();
        next = take();
      }
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    }
  }

  private @Nullable FrozenLayers take() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !isEnded()) {
        changed.awaitUninterruptibly();
      }
      current = isEnded() ? null : waiting.pollFirst();
      return current;
    } finally {
      lock.unlock();
    }
  }

  private boolean isEnded() {
    return closed || fatal != null;
  }

  private void done() {
    lock.lock();
    try {
      current = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Writes the layers of a freeze point, with retries; returns false if they cannot be written. */
  private boolean flush(FrozenLayers frozen) {
    List<ManifestLayer> written = new ArrayList<>();
    Backoff.Attempts attempts = BACKOFF.start(writes.nanoClock());
    while (!isEnded()) {
      IOException problem = attempt(frozen, written);
      if (problem == null) {
        completion.durable(frozen, written);
        if (!frozen.isEmpty()) {
          counters.flushed(attempts.elapsed().toNanos());
        }
        if (failure != null) {
          LOG.info(
              "layers can be written again: home={}, offset={}", home.location(), frozen.offset());
          failure = null;
        }
        return true;
      }
      if (closed) {
        break;
      }
      if (problem instanceof FencedException || problem instanceof StoreFailedException) {
        stop(problem);
        return false;
      }
      if (isEnded()) {
        break;
      }
      failure = problem;
      Duration pause = attempts.nextPause().orElseThrow();
      LOG.warn(
          "cannot write layers, retrying: home={}, offset={}, retryMs={}",
          home.location(),
          frozen.offset(),
          pause.toMillis(),
          problem);
      await(pause);
    }
    return false;
  }

  private @Nullable IOException attempt(FrozenLayers frozen, List<ManifestLayer> written) {
    try {
      if (written.size() < frozen.layers().size()) {
        writeLayers(frozen, written);
      }
      manifests.write(manifests.manifest().withFreeze(frozen.offset(), frozen.lastLsns(), written));
      return null;
    } catch (DamagedValuesException | RuntimeException | InternalError e) {
      // An I/O error under a mapping is an InternalError: values cannot be read back.
      return failed(e);
    } catch (ManifestMovedException e) {
      return manifests.fenced(e);
    } catch (IOException e) {
      return e;
    } catch (OutOfMemoryError e) {
      return new IOException("no memory to write layers: home=" + home.location(), e);
    }
  }

  private void writeLayers(FrozenLayers frozen, List<ManifestLayer> written) throws IOException {
    EphemeralFile file = frozen.values().orElseThrow();
    ByteBuffer buffer = writes.layerBuffers().take();
    try (MappedValues values = file.map()) {
      try {
        while (written.size() < frozen.layers().size()) {
          InMemoryLayer layer = frozen.layers().get(written.size());
          Lsn lsnBefore = frozen.lsnBefore(layer.timeline());
          written.add(
              layer.writeTo(
                  path -> create(path, buffer), values, compression, lsnBefore, () -> closed));
        }
      } finally {
        check(values, written);
      }
    } finally {
      writes.layerBuffers().giveBack(buffer);
    }
  }

  private LayerFileOutput create(LayerPath path, ByteBuffer buffer) throws IOException {
    return home.create(path, buffer.clear(), writes.background().syncs());
  }

  /**
   * Throws if the values that the files were written from are damaged; called before the manifest
   * names the files.
   */
  private static void check(MappedValues values, List<ManifestLayer> written) throws IOException {
    try {
      values.awaitChecked();
    } catch (IOException e) {
      written.clear();
      throw e;
    }
  }

  /** Ends writing; only the first reason is kept. */
  private void stop(IOException reason) {
    lock.lock();
    try {
      if (fatal != null) {
        return;
      }
      fatal = reason;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    LOG.error(
        "the store has failed, no layers are written until a restart: home={}",
        home.location(),
        reason);
    completion.ended();
  }

  private void await(Duration pause) {
    lock.lock();
    try {
      long left = pause.toNanos();
      while (!isEnded() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // Only close() ends this thread, and it does so without interrupting.
      LOG.debug("interrupt ignored", e);
    } finally {
      lock.unlock();
    }
  }
}
