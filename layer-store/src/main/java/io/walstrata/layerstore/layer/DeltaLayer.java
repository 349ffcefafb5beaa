package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.format.DeltaLayerReader;
import io.walstrata.layerstore.format.ManifestLayer;
import io.walstrata.layerstore.format.VersionVisitor;
import io.walstrata.layerstore.io.LayerFileInput;
import io.walstrata.layerstore.io.LayerHome;
import io.walstrata.layerstore.io.RefCount;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A layer in a file. What the manifest says of it is known without reading the file, which is
 * opened when it is first needed and stays open until the layer is closed and its last reader gone.
 * For any thread.
 */
public final class DeltaLayer implements Layer, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaLayer.class);

  private final LayerHome home;
  private final ManifestLayer entry;
  private final RefCount users = new RefCount();
  private volatile @Nullable DeltaLayerReader reader; // written once, under this
  private volatile TombstoneIndex tombstones = TombstoneIndex.EMPTY; // written once, before reader

  public DeltaLayer(LayerHome home, ManifestLayer entry) {
    this.home = home;
    this.entry = entry;
  }

  /** Returns what the manifest says of the layer. */
  public ManifestLayer entry() {
    return entry;
  }

  /**
   * Checks that the file is there, whole, and the one that the manifest means. Reads its header and
   * footer only.
   *
   * @throws CorruptLayerException if it is not
   */
  public void check() throws IOException {
    try (LayerFileInput input = openFile()) {
      checkIsNamed(ManifestLayer.of(DeltaLayerReader.readFooter(input)));
    }
  }

  private LayerFileInput openFile() throws IOException {
    try {
      return home.open(entry.pathInHome());
    } catch (NoSuchFileException e) {
      CorruptLayerException missing =
          new CorruptLayerException(path(), 0, "layer file", "named by the manifest", "missing");
      missing.initCause(e);
      throw missing;
    }
  }

  private void checkIsNamed(ManifestLayer found) throws CorruptLayerException {
    if (!found.equals(entry)) {
      throw new CorruptLayerException(path(), 0, "layer file", entry, found);
    }
  }

  private String path() {
    return home.location() + "/" + entry.pathInHome();
  }

  @Override
  public boolean tryAcquire() throws IOException {
    if (!users.tryAcquire()) {
      return false;
    }
    boolean opened = false;
    try {
      if (reader == null) {
        openReader();
      }
      opened = true;
      return true;
    } finally {
      if (!opened) {
        release();
      }
    }
  }

  private synchronized void openReader() throws IOException {
    if (reader == null) {
      DeltaLayerReader opened = DeltaLayerReader.open(openFile());
      boolean kept = false;
      try {
        checkIsNamed(ManifestLayer.of(opened.footer()));
        tombstones = TombstoneIndex.of(opened.tombstones());
        reader = opened;
        kept = true;
      } finally {
        if (!kept) {
          opened.close();
        }
      }
    }
  }

  @Override
  public void release() {
    DeltaLayerReader open = users.release() ? reader : null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("layer file not closed: file={}", path(), e);
      }
    }
  }

  /** Lets go of the file, as its owner; once. Readers that have acquired it go on. */
  @Override
  public void close() {
    release();
  }

  private DeltaLayerReader acquired() {
    DeltaLayerReader open = reader;
    if (open == null) {
      throw new IllegalStateException("layer is not acquired: file=" + path());
    }
    return open;
  }

  @Override
  public TimelineId timeline() {
    return entry.timeline();
  }

  /** Returns the file's name. */
  @Override
  public String displayName() {
    return entry.fileName().toString();
  }

  @Override
  public KeyRange keyRange() {
    return entry.keyRange();
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

  @Override
  public List<Tombstone> tombstoneList() {
    return acquired().tombstones();
  }

  @Override
  public boolean contains(Tombstone tombstone) {
    return Collections.binarySearch(acquired().tombstones(), tombstone) >= 0;
  }

  @Override
  public Lsn newestTombstone(PageKey key, Lsn asOf) {
    return tombstones.newest(key, asOf);
  }

  @Override
  public boolean contains(PageKey key, Lsn lsn) throws IOException {
    return acquired().contains(key, lsn);
  }

  @Override
  public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor) throws IOException {
    acquired().descend(key, asOf, above, visitor);
  }

  @Override
  public void forEach(VersionVisitor visitor) throws IOException {
    acquired().forEach(visitor);
  }
}
