package io.walstrata.layerstore;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.internal.file.WriteResources;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.layer.DeltaLayer;
import io.walstrata.layerstore.internal.manifest.ManifestKeeper;
import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.internal.write.Flusher;
import io.walstrata.layerstore.internal.write.FrozenLayers;
import io.walstrata.layerstore.internal.write.Ingest;
import io.walstrata.layerstore.internal.write.MemoryShare;
import io.walstrata.layerstore.internal.write.OpenValues;
import io.walstrata.layerstore.internal.write.WriteCounters;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The writer of a store, which owns its home: returned by {@link LayerStore#claim}. Versions go to
 * one open layer per timeline; at a freeze point all open layers are frozen together and written to
 * delta files by a thread of the writer.
 *
 * <p>What was put after {@link LayerStore#durableOffset()} is lost when the process ends: the log
 * is replayed from there.
 *
 * <p>Threads: methods that put, progress, freeze or wait belong to one thread at a time; the others
 * may be called by any thread. So may {@link #close}; after it, methods that write throw {@link
 * IllegalStateException}.
 *
 * <p>Order, per timeline: LSNs never decrease. A version or tombstone with the timeline's last LSN
 * is taken, one with a lower LSN is late; of several with one (key, LSN) the first stays. So what a
 * store holds does not depend on where it froze; see {@link PutResult}.
 */
public final class LayerWriter implements Closeable {
  private final LayerStore store;
  private final Flusher flusher;
  private final Ingest ingest;
  private final MemoryShare memory;
  private final WriteCounters counters;
  private final long maxFileBytes;

  // Methods that write hold this; close() takes it once the flusher has ended, which ends waiting.
  private final Object writing = new Object();

  // Both guarded by the store's lock, which close() holds.
  private @Nullable Claim claim; // null once it is released
  private boolean hasFlusherEnded;

  /**
   * Starts a writer for a store whose home is claimed.
   *
   * @param claim released when the writer is closed
   */
  LayerWriter(
      LayerStore store,
      Claim claim,
      ManifestKeeper manifests,
      Timelines timelines,
      MemoryShare memory,
      Path ephemeralDirectory,
      long maxFileBytes) {
    LayerStoreOptions options = store.options();
    this.store = store;
    this.claim = claim;
    this.memory = memory;
    WriteResources writes = store.resources().writing();
    counters = new WriteCounters(writes.nanoClock());
    this.maxFileBytes = maxFileBytes;
    ingest =
        new Ingest(
            timelines,
            store.durableOffset().orElse(-1),
            new OpenValues(
                ephemeralDirectory,
                store.resources().memoryBudget().bufferBytes(options.writeBufferBytes()),
                maxFileBytes,
                writes),
            store::checkOpen,
            memory,
            counters,
            options.maxTimelines());
    flusher =
        new Flusher(
            store.home(),
            manifests,
            options.maxFrozen(),
            options.compression(),
            new Durable(timelines),
            counters,
            writes);
    flusher.start(); // last, because starting a thread may fail
  }

  /** Called when the flusher has made a freeze point's files and the manifest durable. */
  private final class Durable implements Flusher.Completion {
    private final Timelines timelines;

    Durable(Timelines timelines) {
      this.timelines = timelines;
    }

    @Override
    public void durable(FrozenLayers frozen, List<ManifestLayer> written) {
      for (int i = 0; i < written.size(); i++) {
        DeltaLayer layer =
            new DeltaLayer(store.home(), written.get(i), store.resources().layerCache());
        timelines.get(layer.timeline()).flushed(frozen.layers().get(i), layer);
      }
      frozen.lastLsns().forEach((id, lsn) -> timelines.get(id).durable(lsn));
      store.durable(frozen.offset());
      frozen.release();
      memory.keep((long) Timelines.BYTES_PER_FILE * written.size());
      memory.flushed(frozen.heapBytes());
    }

    @Override
    public void ended() {
      memory.close(); // or other stores would wait for this one's memory
    }
  }

  private Ingest writable() throws IOException {
    store.checkOpen();
    flusher.check();
    return ingest;
  }

  /**
   * Puts one version.
   *
   * @param offset the log offset of its record; at least the previous call's, and greater than the
   *     last freeze point and {@link LayerStore#durableOffset()}
   * @throws IllegalArgumentException if the LSN is not valid, the key is {@link PageKey#MAX}, or
   *     the value is longer than {@link Value#MAX_BYTES}
   * @throws IllegalStateException if the offset is less than the previous one, or the values since
   *     the last freeze point would be 32 GiB or more: nothing is put then
   * @throws io.walstrata.layerstore.page.TooManyTimelinesException if the timeline is new, and
   *     there are {@link LayerStoreOptions#maxTimelines()} already: nothing is put then
   * @throws io.walstrata.layerstore.home.FencedException if the home has another owner
   * @throws StoreFailedException if only a restart helps: see {@link #failure()}
   * @throws IOException if the ephemeral file cannot be written; the version is then not in the
   *     store
   */
  public PutResult put(long offset, TimelineId timeline, PageKey key, Lsn lsn, Value value)
      throws IOException {
    synchronized (writing) {
      try {
        return writable().put(offset, timeline, key, lsn, value);
      } catch (CorruptLayerException e) {
        throw store.reported(e);
      }
    }
  }

  /**
   * Puts all versions of a batch; see {@link #put}. If it fails, some of the versions may be in the
   * store; put the same batch again.
   */
  public BatchResult putAll(long offset, ValueBatch batch) throws IOException {
    synchronized (writing) {
      try {
        return writable().putAll(offset, batch);
      } catch (CorruptLayerException e) {
        throw store.reported(e);
      }
    }
  }

  /**
   * Puts a tombstone: reads as of {@code lsn} and later return the pages of a key range as dropped,
   * reads below it are unchanged. Versions above {@code lsn} are not affected, those with that LSN
   * are. Throws as {@link #put} does.
   */
  public PutResult tombstone(long offset, TimelineId timeline, KeyRange keys, Lsn lsn)
      throws IOException {
    synchronized (writing) {
      try {
        return writable().tombstone(offset, timeline, keys, lsn);
      } catch (CorruptLayerException e) {
        throw store.reported(e);
      }
    }
  }

  /**
   * Raises a timeline's last LSN without a version; a lower LSN does nothing. Throws as {@link
   * #put} does.
   */
  public void progress(long offset, TimelineId timeline, Lsn lsn) throws IOException {
    synchronized (writing) {
      writable().progress(offset, timeline, lsn);
    }
  }

  /**
   * Returns a timeline of a record that would exceed {@link LayerStoreOptions#maxTimelines()};
   * empty if all of them can be put. Called before a record is put, as nothing of a refused record
   * may be put. Throws as {@link #put} does.
   */
  public Optional<TimelineId> refusedTimeline(Set<TimelineId> timelines) throws IOException {
    synchronized (writing) {
      return writable().refused(timelines);
    }
  }

  /** Freezes as {@link #freeze(long, FreezeReason)} does, because of the freeze policy. */
  public void freeze(long offset) throws IOException {
    freeze(offset, FreezeReason.POLICY);
  }

  /**
   * Freezes every open layer: what was put so far, and all of the log up to and including {@code
   * offset}, is covered by {@link LayerStore#durableOffset()} once the files are written. Blocks
   * while {@link LayerStoreOptions#maxFrozen()} freeze points wait for their files, unless nothing
   * was put. The same offset again does nothing.
   *
   * @param offset the freeze point: the last log offset covered; at least every offset that was put
   * @param reason recorded in the manifest with each layer; the layer files are the same for any
   * @throws IllegalArgumentException if it is less than an offset that was put
   * @throws IllegalStateException if the store is closed meanwhile
   * @throws io.walstrata.layerstore.home.FencedException if the home has another owner
   * @throws java.io.InterruptedIOException if interrupted while blocked; nothing is frozen
   */
  public void freeze(long offset, FreezeReason reason) throws IOException {
    synchronized (writing) {
      Ingest writer = writable();
      writer.checkFreeze(offset);
      if (writer.hasOpenLayers()) {
        flusher.awaitRoom();
      }
      writer.freeze(offset, reason).ifPresent(flusher::submit);
    }
  }

  /**
   * Freezes as {@link #freeze(long, FreezeReason)} does if there are open layers and it need not
   * wait; returns whether it did. For optional freeze points.
   */
  public boolean tryFreeze(long offset, FreezeReason reason) throws IOException {
    synchronized (writing) {
      Ingest writer = writable();
      writer.checkFreeze(offset);
      if (!writer.hasOpenLayers() || !flusher.hasRoom()) {
        return false;
      }
      writer.freeze(offset, reason).ifPresent(flusher::submit);
      return true;
    }
  }

  /**
   * Sets the action that freezes the open layers when the stores of the {@link MemoryBudget} exceed
   * it.
   *
   * @param freeze called by any thread at any time: if no record is being put and no other writing
   *     method runs, it calls {@link #tryFreeze} and returns its result; otherwise it returns
   *     false. Never waits, never throws
   */
  public void onMemoryPressure(BooleanSupplier freeze) {
    memory.onPressure(freeze);
  }

  /**
   * Freezes open layers, of this store or another one, if the stores exceed the {@link
   * MemoryBudget}, and waits until they no longer exceed it. Called by the writing thread between
   * two records of the log, without any lock that {@link #onMemoryPressure}'s action takes.
   *
   * <p>Values of open layers count too, although they are in a file: this store's open layers are
   * frozen when they have 16 GiB of values, since 32 GiB is the most that can be put.
   *
   * @throws IllegalStateException if the store is closed meanwhile
   * @throws io.walstrata.layerstore.home.FencedException if the home has another owner
   * @throws java.io.InterruptedIOException if interrupted while waiting
   */
  public void settleMemory() throws IOException {
    if (counters.openValueBytes() >= maxFileBytes / 2 && !memory.freezeEarly()) {
      flusher.awaitRoom();
      memory.freezeEarly();
    }
    long waited = 0;
    try {
      waited =
          store
              .resources()
              .memoryBudget()
              .settle(
                  () -> {
                    counters.holdBegins(); // so that a wait is counted while it lasts
                    writable();
                  });
    } finally {
      counters.holdEnds(waited);
    }
  }

  /**
   * Waits until every frozen layer is a delta file that the manifest names; failed writes are
   * retried, see {@link #flushFailure()}.
   *
   * @throws io.walstrata.layerstore.home.FencedException if the home has another owner
   */
  public void awaitFlushed() throws IOException, InterruptedException {
    boolean flushed = awaitFlushed(Duration.ofNanos(Long.MAX_VALUE));
    assert flushed : "the longest timeout is over";
  }

  /** Waits as {@link #awaitFlushed()} does; returns false if the timeout ends first. */
  public boolean awaitFlushed(Duration timeout) throws IOException, InterruptedException {
    store.checkOpen();
    return flusher.awaitIdle(timeout);
  }

  /** Returns why frozen layers cannot be written at the moment; empty if they can. */
  public Optional<IOException> flushFailure() {
    return flusher.failure();
  }

  /**
   * Returns why the store takes and writes nothing until the process is restarted; empty if it has
   * not failed, also while writes to a failing disk are retried. A failure is permanent, and every
   * method that writes throws it.
   */
  public Optional<StoreFailedException> failure() {
    return flusher.storeFailure();
  }

  /** Returns how many versions and tombstones were added, were duplicates or were late. */
  public PutCounters counters() {
    return ingest.counters();
  }

  /** Returns how much is not durable yet, and how long making it durable took. */
  public WriteStats writeStats() {
    return counters.stats(memory, flusher.backlog(), store.home().syncNanos());
  }

  /** Ends writing after a failure that only a restart can clear. For any thread. */
  void fail(IOException cause) {
    flusher.fail(cause);
  }

  /**
   * Checks that the heap counted in the memory budget is the heap that the store holds. For tests;
   * waits for the method that is writing.
   *
   * @throws AssertionError if something is wrong
   */
  void checkInvariants(Timelines timelines) {
    synchronized (writing) {
      if (memory.isClosed()) {
        return; // nothing is accounted for after a failure
      }
      ingest.checkInvariants();
      if (flusher.isIdle()) {
        if (memory.frozenBytes() != 0) {
          throw new AssertionError("nothing is frozen: frozenBytes=" + memory.frozenBytes());
        }
        if (memory.keptBytes() != timelines.heapBytes()) {
          throw new AssertionError(
              "wrong kept bytes: counted="
                  + memory.keptBytes()
                  + ", actual="
                  + timelines.heapBytes());
        }
      }
    }
  }

  /**
   * Closes the whole store, as {@link LayerStore#close} does: without its writer, frozen layers
   * would never become durable.
   */
  @Override
  public void close() throws IOException {
    store.close();
  }

  /**
   * Stops the flusher, waits for the method that is writing, and releases the open layers; what is
   * not durable is lost. Called by the store after it has refused further writes.
   */
  void stop() {
    hasFlusherEnded = flusher.close();
    synchronized (writing) {
      ingest.close();
    }
  }

  /**
   * Releases the home; called by the store after {@link #stop}.
   *
   * @throws IOException if the flusher hangs in its file system and may still write: the home stays
   *     claimed
   */
  void releaseHome() throws IOException {
    if (!hasFlusherEnded) {
      throw new IOException(
          "flusher does not end, its disk may hang: home=" + store.home().location());
    }
    Claim held = claim;
    if (held != null) {
      claim = null;
      held.close();
    }
  }
}
