package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.internal.format.DeltaLayerWriter;
import io.walstrata.layerstore.internal.format.LayerFileName;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.memory.DropSpan;
import io.walstrata.layerstore.internal.memory.MappedValues;
import io.walstrata.layerstore.internal.memory.MemoryCursor;
import io.walstrata.layerstore.internal.memory.MemoryVersions;
import io.walstrata.layerstore.internal.memory.Place;
import io.walstrata.layerstore.internal.memory.VersionIndex;
import io.walstrata.layerstore.page.Compression;
import io.walstrata.layerstore.page.FreezeReason;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A layer that takes no more versions and waits for its file. Immutable, for any thread. */
public final class FrozenLayer implements Layer {
  private final TimelineId timeline;
  private final KeyRange keyRange;
  private final LsnRange lsnRange;
  private final long startOffset;
  private final long endOffset;
  private final FreezeReason freezeReason;
  private final MemoryVersions content;

  FrozenLayer(
      TimelineId timeline,
      LsnRange lsnRange,
      long startOffset,
      long endOffset,
      FreezeReason freezeReason,
      MemoryVersions content) {
    this.timeline = timeline;
    this.keyRange = content.keyRange();
    this.lsnRange = lsnRange;
    this.startOffset = startOffset;
    this.endOffset = endOffset;
    this.freezeReason = freezeReason;
    this.content = content;
  }

  /**
   * Writes the layer to a file of the home, sorted by key and LSN, durable when this returns. The
   * caller has acquired the layer. A file that was written by an earlier try is replaced.
   *
   * @param values the layer's ephemeral file, mapped
   * @param lsnBefore the timeline's last LSN when the layer was begun
   * @param cancelled asked now and then; true ends the writing
   * @throws InterruptedIOException if it was cancelled; there is no file then
   */
  public ManifestLayer writeTo(
      LayerHome home,
      MappedValues values,
      Compression compression,
      Lsn lsnBefore,
      BooleanSupplier cancelled)
      throws IOException {
    String name = new LayerFileName(keyRange, lsnRange, endOffset).in(timeline);
    try (LayerFileOutput out = home.create(name)) {
      DeltaLayerWriter writer =
          new DeltaLayerWriter(
              out, timeline, keyRange, lsnRange, content.index().keys(), compression);
      content.index().forEach(KeyRange.ALL, writing(writer, values, cancelled, name));
      ManifestLayer written =
          ManifestLayer.of(
              writer.finish(tombstoneList(), startOffset, endOffset), lsnBefore, freezeReason);
      out.publish();
      return written;
    }
  }

  private static VersionIndex.Visitor writing(
      DeltaLayerWriter writer, MappedValues values, BooleanSupplier cancelled, String name) {
    return new VersionIndex.Visitor() {
      @Override
      public void expect(long place) {
        values.expect(Place.position(place), Place.length(place));
      }

      @Override
      public boolean visit(long keyHigh, long keyLow, long lsn, long place) throws IOException {
        if (cancelled.getAsBoolean()) {
          throw new InterruptedIOException("writing a layer was cancelled: file=" + name);
        }
        long position = Place.position(place);
        int length = Place.length(place);
        writer.add(keyHigh, keyLow, lsn, Place.kind(place), values, position, length);
        return true;
      }
    };
  }

  @Override
  public TimelineId timeline() {
    return timeline;
  }

  /** Returns {@code frozen-<startLsn>-<endLsn>}. */
  @Override
  public String displayName() {
    HexFormat hex = HexFormat.of().withUpperCase();
    return "frozen-"
        + hex.toHexDigits(lsnRange.startLsn().value())
        + "-"
        + hex.toHexDigits(lsnRange.endLsn().value());
  }

  @Override
  public KeyRange keyRange() {
    return keyRange;
  }

  @Override
  public boolean covers(PageKey key) {
    return keyRange.contains(key);
  }

  @Override
  public LsnRange lsnRange() {
    return lsnRange;
  }

  @Override
  public long startOffset() {
    return startOffset;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  @Override
  public FreezeReason freezeReason() {
    return freezeReason;
  }

  @Override
  public long versions() {
    return content.versions();
  }

  @Override
  public long tombstones() {
    return content.tombstones();
  }

  @Override
  public long sizeBytes() {
    return content.valueBytes();
  }

  @Override
  public void acquire() throws LayerGoneException {
    if (!content.file().tryAcquire()) {
      throw new LayerGoneException(displayName());
    }
  }

  @Override
  public void release() {
    content.file().release();
  }

  @Override
  public List<Tombstone> tombstoneList() {
    return content.tombstoneSet().list();
  }

  @Override
  public boolean contains(Tombstone tombstone) {
    return content.tombstoneSet().contains(tombstone);
  }

  @Override
  public Lsn newestTombstone(PageKey key, Lsn asOf, CostCounter cost) {
    return content.tombstoneSet().newest(key, asOf, cost);
  }

  @Override
  public DropSpan dropSpan(PageKey key, Lsn asOf, CostCounter cost) {
    return content.tombstoneSet().span(key, asOf, cost);
  }

  @Override
  public boolean contains(PageKey key, Lsn lsn) {
    return content.contains(key, lsn);
  }

  @Override
  public void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor, CostCounter cost)
      throws IOException {
    content.descend(key, asOf, above, visitor, cost);
  }

  @Override
  public VersionCursor cursor(KeyRange keys, int maxReadBytes, CostCounter cost) {
    return new MemoryCursor(content, keys, maxReadBytes, cost);
  }

  @Override
  public VersionCursor cursor(List<PageKey> keys, Lsn asOf, int maxReadBytes, CostCounter cost) {
    return new MemoryCursor(content, maxReadBytes, cost);
  }

  @Override
  public void forEach(VersionVisitor visitor) throws IOException {
    content.forEach(KeyRange.ALL, visitor);
  }
}
