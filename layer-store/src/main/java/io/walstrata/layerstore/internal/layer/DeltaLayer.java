package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.VisitedLayer;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.IoSupplier;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.internal.file.RefCount;
import io.walstrata.layerstore.internal.format.DeltaLayerFooter;
import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.memory.TombstoneSpan;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a layer from its file, which is opened when it is first read. What the manifest has of it
 * is known without the file. For any thread.
 */
public final class DeltaLayer implements Layer, Closeable {
  /*
   * Of a file that was read, the cache keeps the open file and the reader's content, above all the
   * index and the filter, for as long as there is room. With the filter in memory a file without
   * versions of a key costs a read next to nothing, open or not. Both are loaded again when they
   * are needed.
   */
  private static final Logger LOG = LoggerFactory.getLogger(DeltaLayer.class);

  private final LayerHome home;
  private final ManifestLayer entry;
  private final LayerCache cache;
  private final VisitedLayer visited;
  private final RefCount users = new RefCount();
  private volatile boolean isClosed;
  private @Nullable LayerFileInput file; // null until it is first read; guarded by this

  /**
   * What was read last, for as long as the garbage collector leaves it: a cache that is full
   * refuses new content at first, and one read asks for it many times. Guarded by this.
   */
  private WeakReference<LayerContent> last = new WeakReference<>(null);

  /**
   * @param cache caches what is read of the file
   */
  public DeltaLayer(LayerHome home, ManifestLayer entry, LayerCache cache) {
    this.home = home;
    this.entry = entry;
    this.cache = cache;
    visited = new VisitedLayer(entry.fileName().toString(), LayerDesc.State.DELTA);
  }

  /** Returns the layer's entry in the manifest. */
  public ManifestLayer entry() {
    return entry;
  }

  /**
   * Checks that the file is present, whole, and the one that the manifest names. Reads its header
   * and footer only.
   *
   * @throws CorruptLayerException if it is not
   */
  public void check() throws IOException {
    try (LayerFileInput input = openFile()) {
      checkIsNamed(DeltaLayerReader.readFooter(input));
    }
  }

  private LayerFileInput openFile() throws IOException {
    try {
      return home.open(entry.path());
    } catch (NoSuchFileException e) {
      IOException missing =
          isClosed
              ? new LayerGoneException(path())
              : new CorruptLayerException(
                  path(), 0, "layer file", "named by the manifest", "missing");
      missing.initCause(e);
      throw missing;
    }
  }

  private void checkIsNamed(DeltaLayerFooter footer) throws CorruptLayerException {
    ManifestLayer found = ManifestLayer.of(footer, entry.lsnBefore(), entry.freezeReason());
    if (!found.equals(entry)) {
      throw new CorruptLayerException(path(), 0, "layer file", entry, found);
    }
  }

  private String path() {
    return home.location() + "/" + entry.path();
  }

  @Override
  public void acquire() throws LayerGoneException {
    if (!users.tryAcquire()) {
      throw new LayerGoneException(path());
    }
  }

  @Override
  public void release() {
    if (users.release()) {
      closeFile();
    }
  }

  /** Releases the file; called once. Readers that have acquired it continue. */
  @Override
  public void close() {
    isClosed = true;
    release();
  }

  private synchronized void closeFile() {
    cache.forget(this);
    last.clear();
    LayerFileInput open = file;
    if (open != null) {
      file = null;
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("layer file not closed: file={}", path(), e);
      }
    }
  }

  /** Drops the cached content of the file, as the cache does when it has no room. For tests. */
  synchronized void forget() {
    cache.forget(this);
    last.clear();
  }

  private LayerContent content(CostCounter cost) throws IOException {
    LayerContent known = cache.content(this);
    return known == null ? load(cost) : known;
  }

  private synchronized LayerContent load(CostCounter cost) throws IOException {
    LayerContent known = cache.content(this);
    if (known == null) {
      known = last.get();
      if (known == null) {
        known = read(cost);
        last = new WeakReference<>(known);
      }
      // Again if the cache has refused it or made room: what is asked for often is kept.
      cache.keep(this, known);
    }
    return known;
  }

  /** Loads the content from the file, which it opens unless it is open. */
  private LayerContent read(CostCounter cost) throws IOException {
    LayerFileInput open = file == null ? cache.open(this::openFile) : file;
    boolean succeeded = false;
    try {
      DeltaLayerReader reader = DeltaLayerReader.over(open, cost);
      checkIsNamed(reader.footer());
      file = open;
      succeeded = true;
      return LayerContent.of(reader);
    } finally {
      // A file that others read from stays open, also if this fails: they have the earlier content.
      if (!succeeded && file == null) {
        open.close();
      }
    }
  }

  @Override
  public TimelineId timeline() {
    return entry.timeline();
  }

  /** Returns the file's name. */
  @Override
  public String displayName() {
    return visited.name();
  }

  @Override
  public VisitedLayer visited() {
    return visited;
  }

  @Override
  public KeyRange keyRange() {
    return entry.keyRange();
  }

  @Override
  public boolean covers(PageKey key) {
    return entry.keyRange().contains(key);
  }

  @Override
  public LsnRange lsnRange() {
    return entry.lsnRange();
  }

  @Override
  public long startOffset() {
    return entry.startOffset();
  }

  @Override
  public long endOffset() {
    return entry.endOffset();
  }

  @Override
  public FreezeReason freezeReason() {
    return entry.freezeReason();
  }

  @Override
  public long versions() {
    return entry.versions();
  }

  @Override
  public long tombstones() {
    return entry.tombstones();
  }

  @Override
  public long sizeBytes() {
    return entry.sizeBytes();
  }

  /**
   * Runs an access to the file; if the file is damaged, throws an exception that names the layer.
   */
  private <T> T reading(IoSupplier<T> access) throws IOException {
    try {
      return access.get();
    } catch (DamagedLayerException e) {
      throw e;
    } catch (CorruptLayerException e) {
      throw isOwn(e.file()) ? new DamagedLayerException(entry, e) : e;
    }
  }

  /**
   * Returns whether a message's file name is that of this file: a visitor may have read another
   * one.
   */
  private synchronized boolean isOwn(String named) {
    return named.equals(path()) || (file != null && named.equals(file.name()));
  }

  @Override
  public List<Tombstone> tombstoneList() throws IOException {
    return reading(() -> content(new CostCounter()).reader().tombstones());
  }

  @Override
  public boolean contains(Tombstone tombstone) throws IOException {
    return Collections.binarySearch(tombstoneList(), tombstone) >= 0;
  }

  @Override
  public Lsn newestTombstone(PageKey key, Lsn asOf, CostCounter cost) throws IOException {
    return reading(() -> content(cost).tombstones().newest(key, asOf, cost));
  }

  @Override
  public TombstoneSpan tombstoneSpan(PageKey key, Lsn asOf, CostCounter cost) throws IOException {
    return reading(() -> content(cost).tombstones().span(key, asOf, cost));
  }

  @Override
  public boolean contains(PageKey key, Lsn lsn) throws IOException {
    return reading(() -> content(new CostCounter()).reader().contains(key, lsn));
  }

  @Override
  public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor, CostCounter cost)
      throws IOException {
    reading(
        () -> {
          content(cost).reader().descend(key, asOf, above, visitor, cost);
          return true;
        });
  }

  @Override
  public VersionCursor cursor(KeyRange keys, int maxReadBytes, CostCounter cost)
      throws IOException {
    return reading(() -> new Cursor(content(cost).reader().cursor(keys, maxReadBytes, cost)));
  }

  @Override
  public VersionCursor cursor(List<PageKey> keys, Lsn asOf, int maxReadBytes, CostCounter cost)
      throws IOException {
    return reading(() -> new Cursor(content(cost).reader().cursor(keys, asOf, maxReadBytes, cost)));
  }

  /** Reads the file by ascending key. */
  private final class Cursor implements VersionCursor {
    private final VersionCursor cursor;

    Cursor(VersionCursor cursor) {
      this.cursor = cursor;
    }

    @Override
    public @Nullable PageKey ceiling(PageKey from) throws IOException {
      try {
        return cursor.ceiling(from);
      } catch (CorruptLayerException e) {
        throw new DamagedLayerException(entry, e);
      }
    }

    @Override
    public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor)
        throws IOException {
      reading(
          () -> {
            cursor.descend(key, asOf, above, visitor);
            return true;
          });
    }
  }

  @Override
  public void forEach(VersionVisitor visitor) throws IOException {
    reading(
        () -> {
          content(new CostCounter()).reader().forEach(visitor);
          return true;
        });
  }
}
