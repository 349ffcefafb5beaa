package io.walstrata.layerstore.layer;

import io.walstrata.layerstore.format.VersionVisitor;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import java.io.IOException;
import java.util.List;

/**
 * Versions of many keys over an LSN range, and tombstones. Never empty.
 *
 * <p>Any number of threads may read at once. Methods that throw {@link IOException} read values or
 * files: only between {@link #tryAcquire} and {@link #release}.
 */
public sealed interface Layer permits OpenLayer, FrozenLayer, DeltaLayer {
  TimelineId timeline();

  /** Returns the layer's name in lists and dumps. */
  String displayName();

  /** Returns the range from the first key to behind the last, tombstones included. */
  KeyRange keyRange();

  /** Returns the range from the first LSN to behind the last, tombstones included. */
  LsnRange lsnRange();

  /** Returns the first log offset that the layer may hold versions of. */
  long startOffset();

  /** Returns the first log offset behind those. */
  long endOffset();

  /** Returns the number of versions. */
  long versions();

  /** Returns the number of tombstones. */
  long tombstones();

  /** Returns the bytes of all values of a layer in memory, and of the file of a delta layer. */
  long sizeBytes();

  /**
   * Keeps the files behind the layer until {@link #release}. Returns false if they are gone: the
   * timeline's layers have changed, look at them again.
   */
  boolean tryAcquire() throws IOException;

  /** Ends what a successful {@link #tryAcquire} began. */
  void release();

  /** Returns the tombstones, sorted. */
  List<Tombstone> tombstoneList() throws IOException;

  /** Returns whether there is this very tombstone. */
  boolean contains(Tombstone tombstone) throws IOException;

  /**
   * Returns the LSN of the newest tombstone at or below an LSN that covers a key; {@link
   * Lsn#INVALID} if none does.
   */
  Lsn newestTombstone(PageKey key, Lsn asOf) throws IOException;

  /** Returns whether there is a version of this key at this LSN. */
  boolean contains(PageKey key, Lsn lsn) throws IOException;

  /**
   * Visits a key's versions from newest to oldest, until the visitor has had enough.
   *
   * @param asOf the newest LSN to visit, inclusive
   * @param above the LSN to stop at, exclusive
   */
  void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor) throws IOException;

  /** Visits all versions, sorted by key and LSN, until the visitor has had enough. */
  void forEach(VersionVisitor visitor) throws IOException;

  /**
   * Adds to a read what this layer knows of a key in an LSN range: its newest tombstone, and its
   * versions from newest to oldest, down to an image or a will_init record. Nothing more of the
   * versions is added once the read has a base; its tombstone still is.
   */
  default ValueReconstructResult reconstruct(PageKey key, LsnRange lsns, ReconstructState state)
      throws IOException {
    Lsn asOf = Lsn.of(lsns.endLsn().value() - 1);
    Lsn below =
        lsns.startLsn().equals(Lsn.INVALID) ? Lsn.INVALID : Lsn.of(lsns.startLsn().value() - 1);
    Lsn dropped = newestTombstone(key, asOf);
    if (dropped.isAfter(below)) {
      state.drop(dropped);
    }
    if (!state.hasBase()) {
      Lsn above = state.droppedAt().isAfter(below) ? state.droppedAt() : below;
      if (above.isBefore(asOf)) {
        descend(key, asOf, above, (at, lsn, value) -> state.add(lsn, value));
      }
    }
    return state.result();
  }
}
