package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.VisitedLayer;
import io.walstrata.layerstore.home.LayerFileName;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.internal.format.DeltaLayerWriter;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.memory.KeyOrder;
import io.walstrata.layerstore.internal.memory.LayerTotals;
import io.walstrata.layerstore.internal.memory.MappedValues;
import io.walstrata.layerstore.internal.memory.MemoryCursor;
import io.walstrata.layerstore.internal.memory.PackedPosition;
import io.walstrata.layerstore.internal.memory.TombstoneSpan;
import io.walstrata.layerstore.internal.memory.Tombstones;
import io.walstrata.layerstore.internal.memory.ValueWindow;
import io.walstrata.layerstore.internal.memory.VersionIndex;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a layer in memory: an index over values in an ephemeral file, and tombstones. It is open
 * and takes a timeline's versions until {@link #freeze} sets its end; from then on it is immutable
 * and waits for its file. One thread puts and freezes, any number reads.
 */
public final class InMemoryLayer implements Layer {
  /** Largest size of an ephemeral file: every position in it is below. */
  public static final long END_OF_FILE = PackedPosition.END_OF_POSITIONS;

  /** Heap of a layer's objects and of those that a freeze point keeps for its timeline. */
  private static final int BYTES_PER_LAYER = 1024;

  private static final int WRITING_BYTES_PER_KEY =
      KeyOrder.BYTES_PER_KEY + DeltaLayerWriter.BYTES_PER_KEY;

  /** The properties of a layer that are final once it is frozen. */
  private record End(
      VisitedLayer visited,
      KeyRange keyRange,
      LsnRange lsnRange,
      long endOffset,
      FreezeReason reason) {}

  private final TimelineId timeline;
  private final Lsn startLsn;
  private final VisitedLayer openVisited;
  private final long startOffset;
  private final EphemeralFile file;
  private final LayerTotals totals = new LayerTotals();
  private final VersionIndex index = new VersionIndex(totals);
  private final Tombstones tombstones = new Tombstones();
  private volatile @Nullable End end; // null while the layer is open; set once
  private long reportedBytes; // of heapBytes(), by heapGrowth(); the writer's own

  /**
   * Creates an open layer.
   *
   * @param startLsn no version is below it
   * @param startOffset log offset of the first version or tombstone
   * @param file takes the values; the layer does not own it
   */
  public InMemoryLayer(TimelineId timeline, Lsn startLsn, long startOffset, EphemeralFile file) {
    this.timeline = timeline;
    this.startLsn = startLsn;
    openVisited = new VisitedLayer("open-" + hex(startLsn), LayerDesc.State.OPEN);
    this.startOffset = startOffset;
    this.file = file;
    totals.set(LayerTotals.LAST_OFFSET, startOffset);
  }

  /**
   * Puts a version; returns whether it is new. Of several with the same key and LSN the first
   * stays.
   *
   * @throws IllegalArgumentException if the key has a newer version, but none of this LSN
   * @throws IllegalStateException if the layer is frozen, or as full as a layer can be
   * @throws IOException if the value cannot be written; nothing is put
   */
  public boolean put(long offset, PageKey key, Lsn lsn, Value value) throws IOException {
    checkWritable(lsn.value());
    int length = value.bytes().length;
    long position = file.append(value.bytes(), 0, length);
    return put(offset, key, lsn, PackedPosition.of(position, length, value.kind()));
  }

  /**
   * Puts a version whose value is in the ephemeral file already; returns whether it is new.
   *
   * @param position position of the value in the file
   * @throws IllegalArgumentException if the key has a newer version, but none of this LSN
   * @throws IllegalStateException if the layer is frozen, or as full as a layer can be
   */
  public boolean put(long offset, PageKey key, Lsn lsn, Value value, long position) {
    checkWritable(lsn.value());
    return put(offset, key, lsn, PackedPosition.of(position, value.bytes().length, value.kind()));
  }

  private boolean put(long offset, PageKey key, Lsn lsn, long packedPosition) {
    totals.set(LayerTotals.LAST_OFFSET, offset);
    return index.put(key.high(), key.low(), lsn.value(), packedPosition);
  }

  /**
   * Puts versions of a batch whose values are in the ephemeral file already; returns how many are
   * new. Allocates nothing but room in the index.
   *
   * @param from the first entry to put
   * @param to the entry after the last to put
   * @param basePosition position in the file at which the values of the batch start
   * @throws IllegalArgumentException if a key has a newer version than the one to put, but none of
   *     its LSN; the entries before it are put
   * @throws IllegalStateException if the layer is frozen, or as full as a layer can be
   */
  public int putAll(long offset, ValueBatch batch, int from, int to, long basePosition) {
    checkWritable(batch.lsnValue(from)); // the lowest
    totals.set(LayerTotals.LAST_OFFSET, offset);
    return index.putAll(batch, from, to, basePosition);
  }

  /**
   * Puts a tombstone; returns whether it is new.
   *
   * @throws IllegalStateException if the layer is frozen
   */
  public boolean put(long offset, Tombstone tombstone) {
    long lsn = tombstone.lsn().value();
    checkWritable(lsn);
    totals.set(LayerTotals.LAST_OFFSET, offset);
    if (!tombstones.add(tombstone)) {
      return false;
    }
    if (Long.compareUnsigned(lsn, totals.own(LayerTotals.MAX_LSN)) > 0) {
      totals.set(LayerTotals.MAX_LSN, lsn);
    }
    return true;
  }

  private void checkWritable(long lsn) {
    if (isFrozen()) {
      throw new IllegalStateException("layer is frozen: layer=" + displayName());
    }
    if (Long.compareUnsigned(lsn, startLsn.value()) < 0) {
      throw new IllegalArgumentException(
          "lsn must be at least startLsn: lsn=" + Lsn.of(lsn) + ", startLsn=" + startLsn);
    }
  }

  /**
   * Returns the heap, in bytes, that the layer takes and that writing its file will take for its
   * keys. Calculated from the sizes of its arrays, so it changes when one of them grows. For the
   * writer.
   */
  public long heapBytes() {
    long tombstoneBytes = tombstones.size() == 0 ? 0 : tombstones.heapBytes();
    return BYTES_PER_LAYER
        + index.heapBytes()
        + index.keyCapacity() * WRITING_BYTES_PER_KEY
        + tombstoneBytes;
  }

  /** Returns by how much {@link #heapBytes} has grown since the last call. */
  public long heapGrowth() {
    long bytes = heapBytes();
    long growth = bytes - reportedBytes;
    reportedBytes = bytes;
    return growth;
  }

  /**
   * Sets the end of the layer, which takes nothing after that.
   *
   * @param endLsn first LSN after the layer
   * @param endOffset first log offset after the layer
   * @param reason why the layer was frozen
   * @throws IllegalArgumentException if the end is not above the start and the versions
   * @throws IllegalStateException if the layer is frozen already
   */
  public void freeze(Lsn endLsn, long endOffset, FreezeReason reason) {
    if (isFrozen()) {
      throw new IllegalStateException("layer is frozen already: layer=" + displayName());
    }
    if (!endLsn.isAfter(startLsn) || !maxLsn().isBefore(endLsn)) {
      throw new IllegalArgumentException(
          "endLsn must be greater than startLsn and lastLsn: startLsn="
              + startLsn
              + ", lastLsn="
              + maxLsn()
              + ", endLsn="
              + endLsn);
    }
    if (endOffset <= lastOffset()) {
      throw new IllegalArgumentException(
          "endOffset must be greater than lastOffset: lastOffset="
              + lastOffset()
              + ", endOffset="
              + endOffset);
    }
    VisitedLayer visited =
        new VisitedLayer("frozen-" + hex(startLsn) + "-" + hex(endLsn), LayerDesc.State.FROZEN);
    end = new End(visited, keyRange(), new LsnRange(startLsn, endLsn), endOffset, reason);
  }

  /** Returns whether the layer is frozen. */
  public boolean isFrozen() {
    return end != null;
  }

  /** Starts a layer file. */
  @FunctionalInterface
  public interface Files {
    LayerFileOutput create(LayerPath path) throws IOException;
  }

  /**
   * Writes a frozen layer to a file of the home, sorted by key and LSN, durable when this returns.
   * The caller has acquired the layer. A file of an earlier attempt is replaced.
   *
   * @param files starts the file
   * @param values the layer's ephemeral file, mapped
   * @param lsnBefore the timeline's last LSN when the layer was begun
   * @param cancelled asked before each version; true cancels the writing
   * @throws IllegalStateException if the layer is open
   * @throws InterruptedIOException if it was cancelled; no file is left then
   */
  public ManifestLayer writeTo(
      Files files,
      MappedValues values,
      Compression compression,
      Lsn lsnBefore,
      BooleanSupplier cancelled)
      throws IOException {
    End ended = end;
    if (ended == null) {
      throw new IllegalStateException("layer is open: layer=" + displayName());
    }
    LayerPath path =
        new LayerPath(timeline, new LayerFileName(ended.keyRange, ended.lsnRange, ended.endOffset));
    try (LayerFileOutput out = files.create(path)) {
      DeltaLayerWriter writer =
          new DeltaLayerWriter(
              out, timeline, ended.keyRange, ended.lsnRange, index.keys(), compression);
      index.forEach(KeyRange.ALL, writing(writer, values, cancelled, path));
      ManifestLayer written =
          ManifestLayer.of(
              writer.finish(tombstoneList(), startOffset, ended.endOffset),
              lsnBefore,
              ended.reason);
      out.publish();
      return written;
    }
  }

  private static VersionIndex.Visitor writing(
      DeltaLayerWriter writer, MappedValues values, BooleanSupplier cancelled, LayerPath path) {
    return new VersionIndex.Visitor() {
      @Override
      public void expect(long packedPosition) {
        values.expect(
            PackedPosition.position(packedPosition), PackedPosition.length(packedPosition));
      }

      @Override
      public boolean visit(long keyHigh, long keyLow, long lsn, long packedPosition)
          throws IOException {
        if (cancelled.getAsBoolean()) {
          throw new InterruptedIOException("writing a layer was cancelled: file=" + path);
        }
        long position = PackedPosition.position(packedPosition);
        int length = PackedPosition.length(packedPosition);
        writer.add(
            keyHigh, keyLow, lsn, PackedPosition.kind(packedPosition), values, position, length);
        return true;
      }
    };
  }

  /** Returns the LSN below which the layer has nothing. */
  public Lsn startLsn() {
    return startLsn;
  }

  /** Returns the newest LSN of a version or tombstone. */
  public Lsn maxLsn() {
    return Lsn.of(totals.get(LayerTotals.MAX_LSN));
  }

  @Override
  public TimelineId timeline() {
    return timeline;
  }

  /** Returns {@code open-<startLsn>}, and {@code frozen-<startLsn>-<endLsn>} of a frozen layer. */
  @Override
  public String displayName() {
    return visited().name();
  }

  @Override
  public VisitedLayer visited() {
    End ended = end;
    return ended == null ? openVisited : ended.visited;
  }

  private static String hex(Lsn lsn) {
    return HexFormat.of().withUpperCase().toHexDigits(lsn.value());
  }

  @Override
  public KeyRange keyRange() {
    End ended = end;
    return ended == null ? currentKeyRange() : ended.keyRange;
  }

  private KeyRange currentKeyRange() {
    PageKey start = index.firstKey();
    PageKey last = index.lastKey();
    PageKey endKey = last == null ? null : last.next();
    PageKey tombstoneStart = tombstones.startKey();
    PageKey tombstoneEnd = tombstones.endKey();
    if (tombstoneStart != null && tombstoneEnd != null) {
      start = start == null || tombstoneStart.compareTo(start) < 0 ? tombstoneStart : start;
      endKey = endKey == null || tombstoneEnd.compareTo(endKey) > 0 ? tombstoneEnd : endKey;
    }
    if (start == null || endKey == null) {
      throw new IllegalStateException("nothing was put into the layer");
    }
    return new KeyRange(start, endKey);
  }

  @Override
  public boolean covers(PageKey key) {
    End ended = end;
    return ended == null
        ? index.covers(key) || (tombstones.size() > 0 && currentKeyRange().contains(key))
        : ended.keyRange.contains(key);
  }

  @Override
  public LsnRange lsnRange() {
    End ended = end;
    return ended == null ? new LsnRange(startLsn, maxLsn().next()) : ended.lsnRange;
  }

  @Override
  public long startOffset() {
    return startOffset;
  }

  @Override
  public long endOffset() {
    End ended = end;
    return ended == null ? lastOffset() + 1 : ended.endOffset;
  }

  private long lastOffset() {
    return totals.get(LayerTotals.LAST_OFFSET);
  }

  @Override
  public @Nullable FreezeReason freezeReason() {
    End ended = end;
    return ended == null ? null : ended.reason;
  }

  @Override
  public long versions() {
    return index.versions();
  }

  @Override
  public long tombstones() {
    return tombstones.size();
  }

  @Override
  public long sizeBytes() {
    return index.valueBytes();
  }

  @Override
  public void acquire() throws LayerGoneException {
    if (!file.tryAcquire()) {
      throw new LayerGoneException(displayName());
    }
  }

  @Override
  public void release() {
    file.release();
  }

  @Override
  public List<Tombstone> tombstoneList() {
    return tombstones.list();
  }

  @Override
  public boolean contains(Tombstone tombstone) {
    return tombstones.contains(tombstone);
  }

  @Override
  public Lsn newestTombstone(PageKey key, Lsn asOf, CostCounter cost) {
    return tombstones.newest(key, asOf, cost);
  }

  @Override
  public TombstoneSpan tombstoneSpan(PageKey key, Lsn asOf, CostCounter cost) {
    return tombstones.span(key, asOf, cost);
  }

  @Override
  public boolean contains(PageKey key, Lsn lsn) {
    return index.contains(key, lsn);
  }

  @Override
  public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor, CostCounter cost)
      throws IOException {
    ValueWindow values = new ValueWindow(file, Integer.MAX_VALUE);
    index.descend(index.find(key), asOf, above, values.reading(key, visitor, cost));
  }

  @Override
  public VersionCursor cursor(KeyRange keys, int maxReadBytes, CostCounter cost) {
    return new MemoryCursor(index, index.cursor(keys), new ValueWindow(file, maxReadBytes), cost);
  }

  @Override
  public VersionCursor cursor(List<PageKey> keys, Lsn asOf, int maxReadBytes, CostCounter cost) {
    return new MemoryCursor(index, new ValueWindow(file, maxReadBytes), cost);
  }

  @Override
  public void forEach(VersionVisitor visitor) throws IOException {
    index.forEach(
        KeyRange.ALL,
        (keyHigh, keyLow, lsn, packedPosition) ->
            visitor.visit(new PageKey(keyHigh, keyLow), Lsn.of(lsn), value(packedPosition)));
  }

  private Value value(long packedPosition) throws IOException {
    byte[] bytes =
        file.read(PackedPosition.position(packedPosition), PackedPosition.length(packedPosition));
    return new Value(PackedPosition.kind(packedPosition), bytes);
  }
}
