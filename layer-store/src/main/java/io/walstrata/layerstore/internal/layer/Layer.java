package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.VisitedLayer;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.internal.memory.TombstoneSpan;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds versions of many keys over an LSN range, and tombstones. Never empty.
 *
 * <p>Any number of threads may read at once. Methods that throw {@link IOException} read values or
 * files: only between {@link #acquire} and {@link #release}. They throw {@link LayerGoneException}
 * if the file is deleted nevertheless.
 */
public sealed interface Layer permits InMemoryLayer, DeltaLayer {
  TimelineId timeline();

  /** Returns the layer's name in lists and dumps. */
  String displayName();

  /** Returns the layer's name and state as they are now; allocates nothing. */
  VisitedLayer visited();

  /** Returns the range from the lowest key to the one after the highest, tombstones included. */
  KeyRange keyRange();

  /** Returns whether a key is in {@link #keyRange()}. */
  boolean covers(PageKey key);

  /** Returns the range from the lowest LSN to the one after the highest, tombstones included. */
  LsnRange lsnRange();

  /** Returns the first log offset that the layer may hold versions of. */
  long startOffset();

  /** Returns the first log offset after the layer. */
  long endOffset();

  /** Returns why the layer was frozen; null if it is open. */
  @Nullable FreezeReason freezeReason();

  /** Returns the number of versions. */
  long versions();

  /** Returns the number of tombstones. */
  long tombstones();

  /** Returns the bytes of all values of a layer in memory, and of the file of a delta layer. */
  long sizeBytes();

  /**
   * Keeps the layer from being released by its owner until {@link #release}.
   *
   * @throws LayerGoneException if the owner has released it: the timeline's layers have changed and
   *     must be read again
   */
  void acquire() throws LayerGoneException;

  /** Releases the layer, once for each successful {@link #acquire}. */
  void release();

  /** Returns the tombstones, sorted. */
  List<Tombstone> tombstoneList() throws IOException;

  /** Returns whether the layer has this tombstone. */
  boolean contains(Tombstone tombstone) throws IOException;

  /**
   * Returns the LSN of the newest tombstone at or below an LSN that covers a key; {@link
   * Lsn#INVALID} if none does.
   */
  Lsn newestTombstone(PageKey key, Lsn asOf, CostCounter cost) throws IOException;

  /** Returns the LSN of {@link #newestTombstone}, and the key up to which it is the same. */
  TombstoneSpan tombstoneSpan(PageKey key, Lsn asOf, CostCounter cost) throws IOException;

  /** Returns whether the layer has a version of this key at this LSN. */
  boolean contains(PageKey key, Lsn lsn) throws IOException;

  /**
   * Visits a key's versions from newest to oldest, until the visitor returns false.
   *
   * @param asOf the newest LSN to visit, inclusive
   * @param above the LSN to stop at, exclusive; {@link Lsn#INVALID} for none
   */
  void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor, CostCounter cost)
      throws IOException;

  /**
   * Returns a cursor over the keys of a range that the layer has at this moment.
   *
   * @param maxReadBytes how many bytes it may read ahead
   */
  VersionCursor cursor(KeyRange keys, int maxReadBytes, CostCounter cost) throws IOException;

  /**
   * Returns a cursor for reading the versions of some keys, as of one LSN.
   *
   * @param keys sorted and distinct; the caller need not read all of them
   * @param maxReadBytes how many bytes it may read ahead
   */
  VersionCursor cursor(List<PageKey> keys, Lsn asOf, int maxReadBytes, CostCounter cost)
      throws IOException;

  /** Visits all versions, sorted by key and LSN, until the visitor returns false. */
  void forEach(VersionVisitor visitor) throws IOException;
}
