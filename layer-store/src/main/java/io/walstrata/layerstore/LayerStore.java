package io.walstrata.layerstore;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.layer.DeltaLayer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.layer.OpenLayer;
import io.walstrata.layerstore.internal.manifest.ManifestKeeper;
import io.walstrata.layerstore.internal.memory.DamagedValuesException;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.read.HistoryRead;
import io.walstrata.layerstore.internal.read.KeysRead;
import io.walstrata.layerstore.internal.read.LayerViews;
import io.walstrata.layerstore.internal.read.RangeRead;
import io.walstrata.layerstore.internal.read.Reads;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.internal.write.Flusher;
import io.walstrata.layerstore.internal.write.Generation;
import io.walstrata.layerstore.internal.write.Ingest;
import io.walstrata.layerstore.internal.write.MemoryShare;
import io.walstrata.layerstore.internal.write.WriteTally;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.FreezeReason;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ReadLimit;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition's page versions. Versions go to one open layer per timeline; at a freeze point all
 * open layers are frozen together and written to delta files by a thread of the store; any page can
 * be read as of any LSN that its timeline has reached.
 *
 * <p>What was put is lost with the process until {@link #durableOffset()} has passed it: the log is
 * replayed from there.
 *
 * <p>Threads: the writing methods ({@link #claim}, {@code put}, {@link #drop}, {@link #advance},
 * {@link #freeze}, {@code awaitFlushed}) belong to one thread at a time; reading methods may be
 * called by any thread at any time and never wait for the writer. {@link #close} may be called by
 * any thread. After it, methods that read or write versions throw {@link IllegalStateException}.
 *
 * <p>Order, per timeline: LSNs do not go back. A version or tombstone with the timeline's last LSN
 * is taken, one with a lower LSN is late; of several with one (key, LSN) the first stays. So what a
 * store holds does not depend on where it froze; see {@link PutResult}.
 */
public final class LayerStore implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LayerStore.class);

  private final LayerHome home;
  private final Path ephemeralDirectory;
  private final LayerStoreOptions options;
  private final ManifestKeeper manifests;
  private final CheckedLayers checked;
  private final DamageReports damages;
  private final MemoryShare memory;
  private final WriteTally tally = new WriteTally();
  private final long maxFileBytes;

  // Writing methods hold this; close() takes it when they have been told to end.
  private final Object writing = new Object();
  private @Nullable Claim claim; // guarded by writing
  private volatile @Nullable Ingest ingest; // set by claim(), under writing
  private volatile @Nullable Flusher flusher; // set by claim(), under writing
  private volatile Timelines timelines;
  private Manifest shown; // what the timelines were loaded from; guarded by writing
  private volatile long durableOffset; // -1 for none
  private volatile boolean closed;
  private boolean isReleased; // guarded by writing

  private LayerStore(
      LayerHome home,
      Path ephemeralDirectory,
      LayerStoreOptions options,
      ManifestKeeper manifests,
      CheckedLayers checked,
      Timelines timelines,
      long maxFileBytes) {
    this.home = home;
    this.ephemeralDirectory = ephemeralDirectory;
    this.options = options;
    this.manifests = manifests;
    this.checked = checked;
    this.timelines = timelines;
    this.maxFileBytes = maxFileBytes;
    damages = new DamageReports(home);
    memory = options.memoryBudget().join();
    memory.keep(timelines.heapBytes());
    shown = manifests.manifest();
    durableOffset = manifests.manifest().durableOffset().orElse(-1);
  }

  /**
   * Opens a partition's store for reading. Nothing in the home is written, deleted or locked until
   * {@link #claim}; until then the store shows what was durable when it was opened.
   *
   * @param home where the layers and the manifest are
   * @param ephemeralDirectory for the values of open and frozen layers; its content is worth
   *     nothing after a restart, and no other store uses it
   * @throws io.walstrata.layerstore.page.CorruptLayerException if the manifest is damaged or gone,
   *     or a layer that it names is missing, or that layer's header or footer is damaged
   * @throws IOException if the home cannot be read
   */
  public static LayerStore open(LayerHome home, Path ephemeralDirectory, LayerStoreOptions options)
      throws IOException {
    return open(home, ephemeralDirectory, options, new CheckedLayers());
  }

  /**
   * Opens a partition's store as {@link #open(LayerHome, Path, LayerStoreOptions)} does.
   *
   * @param checked homes whose layers are not looked at again, as long as their manifest is the
   *     same; damage that has come since is found when a read meets it
   */
  public static LayerStore open(
      LayerHome home, Path ephemeralDirectory, LayerStoreOptions options, CheckedLayers checked)
      throws IOException {
    return open(home, ephemeralDirectory, options, checked, OpenLayer.END_OF_FILE);
  }

  /**
   * Opens a store with its own bound on what open layers have of values.
   *
   * @param maxFileBytes up to what positions can say
   */
  static LayerStore open(
      LayerHome home, Path ephemeralDirectory, LayerStoreOptions options, long maxFileBytes)
      throws IOException {
    return open(home, ephemeralDirectory, options, new CheckedLayers(), maxFileBytes);
  }

  private static LayerStore open(
      LayerHome home,
      Path ephemeralDirectory,
      LayerStoreOptions options,
      CheckedLayers checked,
      long maxFileBytes)
      throws IOException {
    ManifestKeeper manifests = new ManifestKeeper(home);
    manifests.read();
    Manifest manifest = manifests.manifest();
    Timelines timelines =
        Timelines.load(home, manifest, options.openFiles(), checked.contains(home, manifest));
    return new LayerStore(
        home, ephemeralDirectory, options, manifests, checked, timelines, maxFileBytes);
  }

  /**
   * Takes ownership of the home, so that this store alone may write to it: locks it, reads the
   * manifest again, raises its epoch and deletes files that it does not name. Called before the
   * first put; further calls do nothing.
   *
   * @throws io.walstrata.layerstore.home.HomeClaimedException if another owner holds the home
   * @throws io.walstrata.layerstore.page.CorruptLayerException as from {@link #open}; nothing is
   *     written or deleted then
   * @throws IOException if the home cannot be written
   */
  public void claim() throws IOException {
    claim(0);
  }

  /**
   * Takes ownership as {@link #claim()} does. If nothing is durable yet, notes in the manifest
   * where in the log the history begins, so that records which the log loses before they are
   * durable are missed: {@link #durableOffset()} is the offset before then.
   *
   * @param firstOffset of the first record that there is to put, 0 or more
   */
  public void claim(long firstOffset) throws IOException {
    synchronized (writing) {
      checkOpen();
      if (claim != null) {
        return;
      }
      Claim taken = home.claim();
      boolean kept = false;
      try {
        takeOver(firstOffset);
        claim = taken;
        kept = true;
      } finally {
        if (!kept) {
          taken.close();
        }
      }
    }
  }

  private void takeOver(long firstOffset) throws IOException {
    manifests.read();
    Manifest manifest = manifests.manifest();
    if (!manifest.equals(shown)) {
      Timelines before = timelines;
      timelines = Timelines.load(home, manifest, options.openFiles(), /* areChecked= */ false);
      shown = manifest;
      memory.keep(timelines.heapBytes() - before.heapBytes());
      durableOffset = manifest.durableOffset().orElse(-1);
      before.close();
    }
    Manifest taken = manifest.withEpoch(manifest.epoch() + 1);
    if (taken.durableOffset().isEmpty() && firstOffset > 0) {
      taken = taken.withFreeze(firstOffset - 1, Map.of(), List.of());
    }
    manifests.write(taken);
    checked.remove(home);
    durableOffset = taken.durableOffset().orElse(-1);
    manifests.deleteOrphans();
    EphemeralFile.deleteStale(ephemeralDirectory);
    Flusher started =
        new Flusher(
            home, manifests, options.maxFrozen(), options.compression(), new Durable(), tally);
    started.start(); // first, since there may be no thread to be had
    ingest =
        new Ingest(
            timelines,
            durableOffset,
            ephemeralDirectory,
            options.memoryBudget().bufferBytes(options.writeBufferBytes()),
            this::checkOpen,
            memory,
            tally,
            maxFileBytes,
            options.maxTimelines());
    flusher = started;
    LOG.info(
        "layers claimed: home={}, epoch={}, durableOffset={}, layers={}",
        home.location(),
        manifests.manifest().epoch(),
        durableOffset,
        manifest.layers().size());
  }

  /** What follows when the flusher has made a generation's files and the manifest durable. */
  private final class Durable implements Flusher.Completion {
    @Override
    public void durable(Generation generation, List<ManifestLayer> written) {
      for (int i = 0; i < written.size(); i++) {
        DeltaLayer layer = new DeltaLayer(home, written.get(i), options.openFiles());
        timelines.get(layer.timeline()).flushed(generation.layers().get(i), layer);
      }
      generation.movedLsns().forEach((id, lsn) -> timelines.get(id).durable(lsn));
      durableOffset = generation.offset();
      generation.release();
      memory.keep((long) Timelines.BYTES_PER_FILE * written.size());
      memory.flushed(generation.heapBytes());
    }

    @Override
    public void ended() {
      memory.close(); // or others would wait for it
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("store is closed: home=" + home.location());
    }
  }

  private TimelineState current(TimelineId timeline) {
    checkOpen();
    return timelines.get(timeline);
  }

  private Ingest writable() throws IOException {
    checkOpen();
    Flusher running = flusher;
    Ingest writer = ingest;
    if (writer == null || running == null) {
      throw new IllegalStateException("claim the layers first: home=" + home.location());
    }
    running.check();
    return writer;
  }

  /**
   * Returns the last log offset that a home covers, without opening its layers: what the log must
   * have from there on. -1 if its history begins at offset 0 and nothing is durable yet; empty if
   * the home never had an owner.
   *
   * @throws CorruptLayerException if the manifest is damaged or gone
   */
  public static OptionalLong coveredOffset(LayerHome home) throws IOException {
    ManifestKeeper manifests = new ManifestKeeper(home);
    manifests.read();
    Manifest manifest = manifests.manifest();
    return manifest.epoch() == 0
        ? OptionalLong.empty()
        : OptionalLong.of(manifest.durableOffset().orElse(-1));
  }

  /**
   * Returns the last log offset that durable layers cover; empty if there are none. After {@link
   * #close} it stays as it was.
   */
  public OptionalLong durableOffset() {
    long offset = durableOffset;
    return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  /**
   * Puts one version.
   *
   * @param offset the log offset it came with; never below the previous call's, and above the last
   *     freeze point and {@link #durableOffset()}
   * @throws IllegalArgumentException if the LSN is not valid, the key is {@link PageKey#MAX}, or
   *     the value is longer than {@link Value#MAX_BYTES}
   * @throws IllegalStateException if the offset goes back, or the store is not claimed, or the
   *     values since the last freeze point would be 32 GiB or more: nothing is put then
   * @throws io.walstrata.layerstore.page.TooManyTimelinesException if the timeline is new, and one
   *     more than {@link LayerStoreOptions#maxTimelines()}: nothing is put then
   * @throws io.walstrata.layerstore.page.FencedException if another owner has taken over
   * @throws StoreFailedException if only a restart heals it: see {@link #failure()}
   * @throws IOException if the ephemeral file cannot be written; the version is then not in the
   *     store
   */
  public PutResult put(long offset, TimelineId timeline, PageKey key, Lsn lsn, Value value)
      throws IOException {
    synchronized (writing) {
      try {
        return writable().put(offset, timeline, key, lsn, value);
      } catch (CorruptLayerException e) {
        throw damages.reported(e);
      }
    }
  }

  /**
   * Puts all versions of a batch; see {@link #put}. If it fails, some of the versions may be in the
   * store; the same batch again is the way on.
   */
  public BatchResult put(long offset, ValueBatch batch) throws IOException {
    synchronized (writing) {
      try {
        return writable().put(offset, batch);
      } catch (CorruptLayerException e) {
        throw damages.reported(e);
      }
    }
  }

  /**
   * Drops a key range: from {@code lsn} on its pages read as dropped, below it as before. Versions
   * above {@code lsn} are not affected, those with that very LSN are. Throws as {@link #put} does.
   */
  public PutResult drop(long offset, TimelineId timeline, KeyRange keys, Lsn lsn)
      throws IOException {
    synchronized (writing) {
      try {
        return writable().drop(offset, timeline, keys, lsn);
      } catch (CorruptLayerException e) {
        throw damages.reported(e);
      }
    }
  }

  /**
   * Returns one of these timelines that makes a record with all of them too much, since it would be
   * one more than {@link LayerStoreOptions#maxTimelines()}; empty if there is room. For the writer,
   * before a record of which nothing must be put then. Throws as {@link #put} does.
   */
  public Optional<TimelineId> refusedTimeline(Set<TimelineId> timelines) throws IOException {
    synchronized (writing) {
      return writable().refused(timelines);
    }
  }

  /**
   * Moves a timeline's last LSN on although nothing changed; a lower LSN does nothing. Throws as
   * {@link #put} does.
   */
  public void advance(long offset, TimelineId timeline, Lsn lsn) throws IOException {
    synchronized (writing) {
      writable().advance(offset, timeline, lsn);
    }
  }

  /** Freezes as {@link #freeze(long, FreezeReason)} does, because the freeze policy says so. */
  public void freeze(long offset) throws IOException {
    freeze(offset, FreezeReason.POLICY);
  }

  /**
   * Freezes every open layer: what was put so far, and all of the log up to and including {@code
   * offset}, is covered by {@link #durableOffset()} once the files are written. Blocks while {@link
   * LayerStoreOptions#maxFrozen()} freeze points wait for their files, unless nothing was put. The
   * same offset again does nothing.
   *
   * @param offset the freeze point: last log offset covered; not below any offset put
   * @param reason recorded in the manifest with each layer; the layer files are the same for any
   * @throws IllegalArgumentException if it is below an offset that was put
   * @throws IllegalStateException if the store is closed meanwhile, or not claimed
   * @throws io.walstrata.layerstore.page.FencedException if another owner has taken over
   * @throws java.io.InterruptedIOException if interrupted while blocked; nothing is frozen
   */
  public void freeze(long offset, FreezeReason reason) throws IOException {
    synchronized (writing) {
      Ingest writer = writable();
      writer.checkFreeze(offset);
      Flusher running = runningFlusher();
      if (writer.hasOpenLayers()) {
        running.awaitRoom();
      }
      writer.freeze(offset, reason).ifPresent(running::submit);
    }
  }

  /**
   * Freezes as {@link #freeze(long, FreezeReason)} does if there are open layers and it need not
   * wait; returns whether it did. For freeze points that nothing depends on.
   */
  public boolean tryFreeze(long offset, FreezeReason reason) throws IOException {
    synchronized (writing) {
      Ingest writer = writable();
      writer.checkFreeze(offset);
      Flusher running = runningFlusher();
      if (!writer.hasOpenLayers() || !running.hasRoom()) {
        return false;
      }
      writer.freeze(offset, reason).ifPresent(running::submit);
      return true;
    }
  }

  /**
   * Says how this store's open layers can be frozen when all stores of its {@link MemoryBudget}
   * take too much.
   *
   * @param freeze called by any thread, also while this store's writer is at work or away: calls
   *     {@link #tryFreeze} if that can be done right now, between two records and as the only
   *     writer, and returns what it returns; false otherwise. Never waits, never throws
   */
  public void onMemoryPressure(BooleanSupplier freeze) {
    memory.onPressure(freeze);
  }

  /**
   * Called by the writer between two records of the log: freezes open layers, of this store or
   * another one, if the stores of the {@link MemoryBudget} take too much, and waits while all of
   * that is not enough. The caller holds nothing that {@link #onMemoryPressure}'s action needs.
   *
   * <p>Values of open layers count too, although they are in a file: this store's open layers are
   * frozen when they have 16 GiB of values, since no more than 32 GiB can be put.
   *
   * @throws IllegalStateException if the store is closed meanwhile
   * @throws io.walstrata.layerstore.page.FencedException if another owner has taken over
   * @throws java.io.InterruptedIOException if interrupted while waiting
   */
  public void settleMemory() throws IOException {
    if (tally.openValueBytes() >= maxFileBytes / 2 && !memory.freezeEarly()) {
      runningFlusher().awaitRoom();
      memory.freezeEarly();
    }
    long waited = 0;
    try {
      waited =
          options
              .memoryBudget()
              .settle(
                  () -> {
                    tally.holdBegins(); // counted while it lasts
                    writable();
                  });
    } finally {
      tally.holdEnds(waited);
    }
  }

  /** Returns what is not durable yet, and what making it durable took. */
  public WriteStats writeStats() {
    Flusher running = flusher;
    return tally.stats(
        memory, running == null ? Flusher.Backlog.NONE : running.backlog(), home.syncNanos());
  }

  private Flusher runningFlusher() {
    Flusher running = flusher;
    if (running == null) {
      throw new IllegalStateException("claim the layers first: home=" + home.location());
    }
    return running;
  }

  /**
   * Waits until every frozen layer is a delta file that the manifest names, however often writing
   * them fails before; see {@link #flushFailure()}.
   *
   * @throws io.walstrata.layerstore.page.FencedException if another owner has taken over
   */
  public void awaitFlushed() throws IOException, InterruptedException {
    boolean flushed = awaitFlushed(Duration.ofNanos(Long.MAX_VALUE));
    assert flushed : "waited for centuries";
  }

  /** Waits as {@link #awaitFlushed()} does; returns false if the time was over before. */
  public boolean awaitFlushed(Duration timeout) throws IOException, InterruptedException {
    checkOpen();
    Flusher running = flusher;
    return running == null || running.awaitIdle(timeout);
  }

  /** Returns why frozen layers cannot be written at the moment; empty when all is well. */
  public Optional<IOException> flushFailure() {
    Flusher running = flusher;
    return running == null ? Optional.empty() : running.failure();
  }

  /**
   * Returns why the store takes and writes nothing more until its process is restarted; empty when
   * all is well, also while a disk is waited for. Once it is there it stays, and every writing
   * method throws it.
   */
  public Optional<StoreFailedException> failure() {
    Flusher running = flusher;
    return running == null ? Optional.empty() : running.storeFailure();
  }

  /** Returns what became of the versions and tombstones put since the store was claimed. */
  public PutCounters counters() {
    Ingest writer = ingest;
    return writer == null ? new PutCounters(0, 0, 0) : writer.counters();
  }

  /**
   * Reads a page as of an LSN, inclusive.
   *
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if the store has no such timeline
   * @throws io.walstrata.layerstore.page.LsnNotReachedException if {@code asOf} is above the
   *     timeline's last LSN
   * @throws io.walstrata.layerstore.page.CorruptLayerException if a layer file is damaged
   */
  public ReconstructData get(TimelineId timeline, PageKey key, Lsn asOf) throws IOException {
    return get(timeline, key, asOf, ReadLimit.NONE);
  }

  /**
   * Reads a page as {@link #get(TimelineId, PageKey, Lsn)} does, within a limit.
   *
   * @param asOf null for the last LSN that the timeline has reached
   * @param limit asked before bytes are loaded; what the result holds stays taken
   * @throws io.walstrata.layerstore.page.ReadLimitException if the limit refuses
   */
  public ReconstructData get(TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit)
      throws IOException {
    return reading(() -> Reads.get(() -> current(timeline), key, asOf, limit));
  }

  /**
   * Reads pages as of an LSN, inclusive: hands over each key's page once, in key order, those that
   * are absent or dropped too. Cheaper than one read for each: a block of a file is read once for
   * all keys in it, and neighbouring blocks together.
   *
   * <p>Memory: one page's reconstruct data, two blocks of each layer that has keys in the range of
   * these, and 16 MiB of blocks that were read ahead.
   *
   * @param visitor called by this thread; it may take its time, and use the store
   * @return {@code next} is the first key that was not handed over
   * @throws IOException from the visitor, and as from {@link #get}
   */
  public ReadEnd<PageKey> getAll(
      TimelineId timeline,
      Collection<PageKey> keys,
      Lsn asOf,
      ReadVisitor<? super ReconstructData> visitor)
      throws IOException {
    return reading(new KeysRead(() -> current(timeline), keys, asOf, visitor)::run);
  }

  /**
   * Reads all pages of a key range as of an LSN, inclusive, in key order. A page that was not
   * written at or below the LSN is absent and passed over, whatever a tombstone says of its key.
   *
   * <p>What is put meanwhile has no part in it, unless it has that very LSN. Memory as for {@link
   * #getAll}.
   *
   * @param limit how many pages to hand over at most; at least 1
   * @param visitor called by this thread; it may take its time, and use the store
   * @return {@code next} is where the range begins that was not looked at because of the limit or
   *     the visitor; there may be no page in it
   * @throws IOException from the visitor, and as from {@link #get}
   */
  public ReadEnd<PageKey> scan(
      TimelineId timeline,
      KeyRange keys,
      Lsn asOf,
      DroppedPages dropped,
      long limit,
      ReadVisitor<? super ReconstructData> visitor)
      throws IOException {
    checkLimit(limit);
    return reading(
        new RangeRead(() -> current(timeline), keys, asOf, dropped, limit, visitor)::run);
  }

  /**
   * Reads what became of a page: its versions and drops in an LSN range, one entry for each LSN,
   * hidden versions too. Newest first, as what one asks of a page's history begins at its end, and
   * that is how layers are linked: a short answer does not pay for a long history.
   *
   * @param lsns its end is at most behind the timeline's last LSN; {@link Lsn#MAX} stands for that
   * @param limit how many entries to hand over at most; at least 1
   * @param visitor called by this thread; it may take its time, and use the store
   * @return {@code next} is where the range ends that was not looked at because of the limit or the
   *     visitor; there may be nothing in it
   * @throws io.walstrata.layerstore.page.LsnNotReachedException if the range ends further behind
   *     the timeline's last LSN
   * @throws IOException from the visitor, and as from {@link #get}
   */
  public ReadEnd<Lsn> history(
      TimelineId timeline,
      PageKey key,
      LsnRange lsns,
      long limit,
      ReadVisitor<? super HistoryEntry> visitor)
      throws IOException {
    checkLimit(limit);
    return reading(new HistoryRead(() -> current(timeline), key, lsns, limit, visitor)::run);
  }

  /** Reads, and acts on damage that is met: of a layer file, or of values that are in none yet. */
  private <T> T reading(DamageReports.Access<T> access) throws IOException {
    try {
      return damages.watch(access);
    } catch (DamagedValuesException e) {
      Flusher running = flusher;
      if (running != null) {
        running.fail(e);
      }
      throw e;
    }
  }

  private static void checkLimit(long limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit must be at least 1: limit=" + limit);
    }
  }

  /** Returns whether the store has a timeline: versions, tombstones or a last LSN. */
  public boolean hasTimeline(TimelineId timeline) {
    checkOpen();
    return timelines.find(timeline) != null;
  }

  /** Returns the timelines, in the order of their ids. */
  public List<TimelineInfo> timelines() {
    return timelines(ReadLimit.NONE);
  }

  /**
   * Returns the timelines, in the order of their ids, within a limit.
   *
   * @throws io.walstrata.layerstore.page.ReadLimitException if the limit refuses
   */
  public List<TimelineInfo> timelines(ReadLimit limit) {
    checkOpen();
    List<TimelineInfo> infos = new ArrayList<>();
    for (TimelineState timeline : timelines.all()) {
      limit.take(ReadLimit.BYTES_PER_DESCRIPTION);
      infos.add(LayerViews.info(timeline));
    }
    return infos;
  }

  /**
   * Returns a timeline's layers, oldest first.
   *
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if the store has no such timeline
   */
  public List<LayerDesc> layers(TimelineId timeline) {
    return layers(timeline, ReadLimit.NONE);
  }

  /**
   * Returns a timeline's layers as {@link #layers(TimelineId)} does, within a limit.
   *
   * @throws io.walstrata.layerstore.page.ReadLimitException if the limit refuses
   */
  public List<LayerDesc> layers(TimelineId timeline, ReadLimit limit) {
    LayerMap layers = current(timeline).layers();
    limit.take((long) layers.size() * ReadLimit.BYTES_PER_DESCRIPTION);
    return LayerViews.describe(layers);
  }

  /**
   * Hands over a line for each of a timeline's layers, oldest first, each followed by one per
   * tombstone and one per version, sorted by key and LSN.
   *
   * @param describer says what a value is
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if the store has no such timeline
   * @throws io.walstrata.layerstore.page.CorruptLayerException if a layer file is damaged
   */
  public void dump(TimelineId timeline, ValueDescriber describer, Consumer<String> lines)
      throws IOException {
    reading(
        () -> {
          LayerViews.dump(() -> current(timeline), describer, lines);
          return lines;
        });
  }

  /** Returns the damaged files that reads have met; see {@link LayerRepair}. */
  public List<LayerDamage> damages() {
    return damages.all();
  }

  /**
   * Stops the flusher, closes files and gives the home back. What is not durable is lost. Closing
   * again does nothing.
   *
   * @throws IOException if the flusher hangs in its file system; the home stays claimed then, until
   *     the process ends
   */
  @Override
  public void close() throws IOException {
    closed = true;
    Flusher running = flusher;
    boolean ended = running == null || running.close();
    synchronized (writing) {
      if (!isReleased) {
        isReleased = true;
        Ingest writer = ingest;
        if (writer != null) {
          writer.close();
        }
        timelines.close();
        memory.close();
      }
      Claim held = claim;
      if (!ended) {
        throw new IOException("flusher does not end, its disk may hang: home=" + home.location());
      }
      if (held != null) {
        claim = null;
        held.close();
      }
    }
  }
}
