package io.walstrata.layerstore;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.IoSupplier;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.manifest.ManifestKeeper;
import io.walstrata.layerstore.internal.memory.DamagedValuesException;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.read.HistoryRead;
import io.walstrata.layerstore.internal.read.KeysRead;
import io.walstrata.layerstore.internal.read.LayerViews;
import io.walstrata.layerstore.internal.read.PageMaker;
import io.walstrata.layerstore.internal.read.RangeRead;
import io.walstrata.layerstore.internal.read.Reads;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.internal.write.MemoryShare;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.redo.PageRedo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition's page versions: any page can be read as of any LSN that its timeline has reached.
 * {@link #open} returns a reader of what is durable; what {@link #claim} returns writes, and what
 * was put is read here at once.
 *
 * <p>Threads: methods may be called by any thread at any time; those that read never wait for the
 * writer. After {@link #close} they throw {@link IllegalStateException}.
 */
public final class LayerStore implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LayerStore.class);

  private final LayerHome home;
  private final Path ephemeralDirectory;
  private final LayerStoreOptions options;
  private final StoreResources resources;
  private final boolean ownsResources;
  private final ManifestKeeper manifests;
  private final DamageReports damages;
  private final MemoryShare memory;
  private final long maxFileBytes;

  private final Object lifecycle = new Object(); // held while claiming and closing
  private volatile @Nullable LayerWriter writer; // set once, under lifecycle
  private volatile Timelines timelines; // replaced under lifecycle, before there is a writer
  private Manifest shown; // what the timelines were loaded from; guarded by lifecycle
  private volatile long durableOffset; // -1 for none
  private volatile boolean closed;
  private boolean isReleased; // guarded by lifecycle

  private LayerStore(
      LayerHome home,
      Path ephemeralDirectory,
      LayerStoreOptions options,
      StoreResources resources,
      boolean ownsResources,
      ManifestKeeper manifests,
      Timelines timelines,
      long maxFileBytes) {
    this.home = home;
    this.ephemeralDirectory = ephemeralDirectory;
    this.options = options;
    this.resources = resources;
    this.ownsResources = ownsResources;
    this.manifests = manifests;
    this.timelines = timelines;
    this.maxFileBytes = maxFileBytes;
    damages = new DamageReports(home);
    memory = resources.memoryBudget().join();
    memory.keep(timelines.heapBytes());
    shown = manifests.manifest();
    durableOffset = manifests.manifest().durableOffset().orElse(-1);
  }

  /**
   * Opens a partition's store for reading. Nothing in the home is written, deleted or locked until
   * {@link #claim}; until then the store shows what was durable when it was opened.
   *
   * @param home where the layers and the manifest are
   * @param ephemeralDirectory for the values of layers in memory; its content is not used after a
   *     restart, and no other store may use it
   * @param resources what this store shares with others; the caller closes them after the stores
   * @throws io.walstrata.layerstore.page.CorruptLayerException if the manifest is damaged or
   *     missing, or a layer that it names is missing, or that layer's header or footer is damaged.
   *     Layers of a home in {@link StoreResources#checkedLayers} are not checked again, as long as
   *     their manifest is the same; later damage is found when it is read
   * @throws IOException if the home cannot be read
   */
  public static LayerStore open(
      LayerHome home, Path ephemeralDirectory, LayerStoreOptions options, StoreResources resources)
      throws IOException {
    return open(home, ephemeralDirectory, options, resources, false, InMemoryLayer.END_OF_FILE);
  }

  /**
   * Opens a store as {@link #open(LayerHome, Path, LayerStoreOptions, StoreResources)} does, with
   * resources of its own, of {@link StoreResources.Bounds#DEFAULTS}. For a process with one store.
   */
  public static LayerStore open(LayerHome home, Path ephemeralDirectory, LayerStoreOptions options)
      throws IOException {
    return open(home, ephemeralDirectory, options, InMemoryLayer.END_OF_FILE);
  }

  /**
   * Opens a store that takes fewer bytes of values between two freeze points. For tests.
   *
   * @param maxFileBytes the open layers' values have fewer bytes than this
   */
  static LayerStore open(
      LayerHome home, Path ephemeralDirectory, LayerStoreOptions options, long maxFileBytes)
      throws IOException {
    return open(home, ephemeralDirectory, options, StoreResources.create(), true, maxFileBytes);
  }

  private static LayerStore open(
      LayerHome home,
      Path ephemeralDirectory,
      LayerStoreOptions options,
      StoreResources resources,
      boolean ownsResources,
      long maxFileBytes)
      throws IOException {
    ManifestKeeper manifests = new ManifestKeeper(home);
    manifests.read();
    Manifest manifest = manifests.manifest();
    boolean areChecked = resources.checkedLayers().contains(home, manifest);
    Timelines timelines = Timelines.load(home, manifest, resources.layerCache(), areChecked);
    return new LayerStore(
        home,
        ephemeralDirectory,
        options,
        resources,
        ownsResources,
        manifests,
        timelines,
        maxFileBytes);
  }

  /**
   * Claims the home as {@link #claim(long)} does, for a history that begins at offset 0 of the log.
   */
  public LayerWriter claim() throws IOException {
    return claim(0);
  }

  /**
   * Takes ownership of the home, so that this store alone may write to it, and returns the writer:
   * locks the home, reads the manifest again, raises its epoch and deletes files that it does not
   * name. Further calls return the same writer.
   *
   * <p>If nothing is durable yet, the manifest records where in the log the history begins, so that
   * records that the log loses before they are durable are noticed: {@link #durableOffset()} then
   * is the offset before it.
   *
   * @param firstOffset the offset of the first record to put, at least 0
   * @throws io.walstrata.layerstore.home.HomeClaimedException if the home has another owner
   * @throws io.walstrata.layerstore.page.CorruptLayerException as from {@link #open}; nothing is
   *     written or deleted then
   * @throws IOException if the home cannot be written
   */
  public LayerWriter claim(long firstOffset) throws IOException {
    synchronized (lifecycle) {
      checkOpen();
      LayerWriter owner = writer;
      if (owner == null) {
        owner = newWriter(firstOffset);
        writer = owner;
      }
      return owner;
    }
  }

  private LayerWriter newWriter(long firstOffset) throws IOException {
    Claim claim = home.claim();
    try {
      takeOver(firstOffset);
      return new LayerWriter(
          this, claim, manifests, timelines, memory, ephemeralDirectory, maxFileBytes);
    } catch (Throwable e) {
      try {
        claim.close();
      } catch (IOException | RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private void takeOver(long firstOffset) throws IOException {
    manifests.read();
    Manifest manifest = manifests.manifest();
    if (!manifest.equals(shown)) {
      Timelines before = timelines;
      timelines = Timelines.load(home, manifest, resources.layerCache(), /* areChecked= */ false);
      shown = manifest;
      memory.keep(timelines.heapBytes() - before.heapBytes());
      durableOffset = manifest.durableOffset().orElse(-1);
      resources.pageCache().forget(before);
      before.close();
    }
    Manifest taken = manifest.withEpoch(manifest.epoch() + 1);
    if (taken.durableOffset().isEmpty() && firstOffset > 0) {
      taken = taken.withFreeze(firstOffset - 1, Map.of(), List.of());
    }
    manifests.write(taken);
    resources.checkedLayers().remove(home);
    durableOffset = taken.durableOffset().orElse(-1);
    manifests.deleteOrphans();
    EphemeralFile.deleteStale(ephemeralDirectory);
    LOG.info(
        "layers claimed: home={}, epoch={}, durableOffset={}, layers={}",
        home.location(),
        manifests.manifest().epoch(),
        durableOffset,
        manifest.layers().size());
  }

  LayerHome home() {
    return home;
  }

  LayerStoreOptions options() {
    return options;
  }

  StoreResources resources() {
    return resources;
  }

  /** Records that layers covering the log up to an offset have become durable. */
  void durable(long offset) {
    durableOffset = offset;
  }

  /** Reports damage that the writer has found, and returns it. */
  CorruptLayerException reported(CorruptLayerException e) {
    return damages.reported(e);
  }

  /** Checks that the store is open. */
  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("store is closed: home=" + home.location());
    }
  }

  private TimelineState current(TimelineId timeline) {
    checkOpen();
    return timelines.get(timeline);
  }

  /**
   * Returns the last log offset that a home covers, without opening its layers; the log must have
   * all records after it. -1 if its history begins at offset 0 and nothing is durable yet; empty if
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
   * @throws io.walstrata.layerstore.ReadLimitException if the limit refuses
   */
  public ReconstructData get(TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit)
      throws IOException {
    return reading(() -> Reads.get(() -> current(timeline), key, asOf, limit));
  }

  /**
   * Reads pages as of an LSN, inclusive: passes each key's page to the visitor once, in key order,
   * absent and dropped ones included. Cheaper than one read for each: a block of a file is read
   * once for all keys in it, and neighbouring blocks together.
   *
   * <p>Memory: one page's reconstruct data, two blocks of each layer that has keys in the range of
   * these, and 16 MiB of blocks that were read ahead.
   *
   * @param visitor called by this thread; it may take any time, and may use the store
   * @return {@code next} is the first key that was not passed
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
   * written at or below the LSN is absent and skipped, whether or not a tombstone covers its key.
   *
   * <p>Versions put meanwhile are not included, unless their LSN is {@code asOf} itself. Memory as
   * for {@link #getAll}.
   *
   * @param limit how many pages to pass at most; at least 1
   * @param visitor called by this thread; it may take any time, and may use the store
   * @return {@code next} is the start of the rest of the range, which was not read because of the
   *     limit or the visitor; there may be no page in it
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
   * Reads a page as of an LSN, inclusive, and replays it: {@link LayerStoreOptions#redo} makes the
   * page, or states why there is none. It is asked even if history has no version of the page, or a
   * tombstone as the newest item: it may know the page from others.
   *
   * <p>Starts from a page that an earlier read made, if {@link StoreResources} still has one that
   * is not above the LSN, and from the base otherwise.
   *
   * @param asOf null for the last LSN that the timeline has reached
   * @param limit asked before bytes are loaded, also for other pages that redo needs; what the page
   *     takes stays taken
   * @throws IllegalStateException if the store was opened without redo
   * @throws io.walstrata.layerstore.ReadLimitException if the limit refuses
   * @throws IOException as from {@link #get}
   */
  public PageRead page(TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit)
      throws IOException {
    return reading(() -> maker(timeline, limit).page(key, asOf));
  }

  /**
   * Reads pages as {@link #getAll} does, and replays each as {@link #page} does.
   *
   * @param limit asked before a page's versions are loaded, which are dropped when redo has made
   *     the page, as the page is when the visitor has returned; the blocks of {@link #getAll} are
   *     beyond it
   * @throws IllegalStateException if the store was opened without redo
   * @throws io.walstrata.layerstore.ReadLimitException if the limit refuses
   */
  public ReadEnd<PageKey> pages(
      TimelineId timeline,
      Collection<PageKey> keys,
      Lsn asOf,
      ReadLimit limit,
      ReadVisitor<? super PageRead> visitor)
      throws IOException {
    PageMaker maker = maker(timeline, limit);
    return reading(
        new KeysRead(
                () -> current(timeline), keys, asOf, maker.passingTo(visitor), maker, maker.cost())
            ::run);
  }

  /**
   * Reads the pages of a key range as {@link #scan} does, and replays each as {@link #page} does,
   * one after the other. A page without any version is not among them, even if redo knows it.
   *
   * @param count how many pages to pass at most; at least 1
   * @param limit as for {@link #pages}
   * @throws IllegalStateException if the store was opened without redo
   * @throws io.walstrata.layerstore.ReadLimitException if the limit refuses
   */
  public ReadEnd<PageKey> scanPages(
      TimelineId timeline,
      KeyRange keys,
      Lsn asOf,
      DroppedPages dropped,
      long count,
      ReadLimit limit,
      ReadVisitor<? super PageRead> visitor)
      throws IOException {
    checkLimit(count);
    PageMaker maker = maker(timeline, limit);
    return reading(
        new RangeRead(
                () -> current(timeline),
                keys,
                asOf,
                dropped,
                count,
                maker.passingTo(visitor),
                maker,
                maker.cost())
            ::run);
  }

  /** Returns whether the store was opened with redo, so that pages can be read. */
  public boolean hasRedo() {
    return options.redo() != null;
  }

  private PageMaker maker(TimelineId timeline, ReadLimit limit) {
    PageRedo redo = options.redo();
    if (redo == null) {
      throw new IllegalStateException(
          "store was opened without redo, give one in its options to read pages: home="
              + home.location());
    }
    return new PageMaker(() -> current(timeline), redo, resources.pageCache(), limit);
  }

  /**
   * Reads the history of a page in an LSN range: one item for each LSN at which it has a version or
   * a new tombstone, hidden versions included. Newest first, because callers mostly need the latest
   * items, and layers are read in that order: a short answer does not read a long history.
   *
   * @param lsns its end is at most the LSN after the timeline's last; {@link Lsn#MAX} stands for
   *     that
   * @param limit how many items to pass at most; at least 1
   * @param visitor called by this thread; it may take any time, and may use the store
   * @return {@code next} is the end of the rest of the range, which was not read because of the
   *     limit or the visitor; there may be nothing in it
   * @throws io.walstrata.layerstore.page.LsnNotReachedException if the range ends more than one LSN
   *     after the timeline's last
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

  /**
   * Runs a read, and reports the damage that it finds: of a layer file, or of values that are in no
   * file yet.
   */
  private <T> T reading(IoSupplier<T> read) throws IOException {
    try {
      return damages.watch(read);
    } catch (DamagedValuesException e) {
      LayerWriter owner = writer;
      if (owner != null) {
        owner.fail(e);
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
   * @throws io.walstrata.layerstore.ReadLimitException if the limit refuses
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
   * @throws io.walstrata.layerstore.ReadLimitException if the limit refuses
   */
  public List<LayerDesc> layers(TimelineId timeline, ReadLimit limit) {
    LayerMap layers = current(timeline).layers();
    limit.take((long) layers.size() * ReadLimit.BYTES_PER_DESCRIPTION);
    return LayerViews.describe(layers);
  }

  /**
   * Passes on a line for each of a timeline's layers, oldest first, each followed by one per
   * tombstone and one per version, sorted by key and LSN.
   *
   * @param describer describes a value
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
   * Checks the order of all layers, the totals over them, and the memory accounting. For tests,
   * while no other thread puts.
   *
   * @throws AssertionError if something is wrong
   */
  void checkInvariants() {
    timelines.checkInvariants();
    LayerWriter owner = writer;
    if (owner != null) {
      owner.checkInvariants(timelines);
    }
  }

  /**
   * Closes the store and its writer: stops the flusher, closes files and releases the home. What is
   * not durable is lost. Closing again does nothing.
   *
   * @throws IOException the first failure, with the others suppressed; if the flusher hangs in its
   *     file system, the home stays claimed until the process ends
   */
  @Override
  @SuppressWarnings("try") // what is closed here is not used here
  public void close() throws IOException {
    closed = true;
    synchronized (lifecycle) {
      LayerWriter owner = writer;
      // In reverse order; each is closed even if another one fails.
      try (Closeable claim = owner == null ? () -> {} : owner::releaseHome;
          Closeable share = memory::close;
          Closeable files = this::releaseFiles;
          Closeable writing = owner == null ? () -> {} : owner::stop) {
        return;
      }
    }
  }

  private void releaseFiles() {
    if (!isReleased) {
      isReleased = true;
      resources.pageCache().forget(timelines);
      timelines.close();
      if (ownsResources) {
        resources.close();
      }
    }
  }
}
