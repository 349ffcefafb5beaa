package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.internal.memory.DropSpan;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.memory.KeyTable;
import io.walstrata.layerstore.internal.memory.LayerTally;
import io.walstrata.layerstore.internal.memory.MemoryCursor;
import io.walstrata.layerstore.internal.memory.MemoryVersions;
import io.walstrata.layerstore.internal.memory.Place;
import io.walstrata.layerstore.page.FreezeReason;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layer that takes a timeline's versions, until it is frozen. One thread puts and freezes, any
 * number reads.
 */
public final class OpenLayer implements Layer {
  /** How long an ephemeral file may get: no value in it begins here or behind. */
  public static final long END_OF_FILE = Place.END_OF_POSITIONS;

  /** The key was not looked for. */
  public static final int UNKNOWN = KeyTable.NONE;

  private final TimelineId timeline;
  private final Lsn startLsn;
  private final long startOffset;
  private final MemoryVersions content;
  private boolean frozen; // the writer's own
  private long toldBytes; // of heapBytes(), by heapGrowth(); the writer's own

  /**
   * @param startLsn no version is below it
   * @param startOffset log offset of the first version or tombstone
   * @param file takes the values; the layer does not own it
   */
  public OpenLayer(TimelineId timeline, Lsn startLsn, long startOffset, EphemeralFile file) {
    this.timeline = timeline;
    this.startLsn = startLsn;
    this.startOffset = startOffset;
    this.content = new MemoryVersions(file);
    content.tally().set(LayerTally.LAST_OFFSET, startOffset);
  }

  /**
   * Puts a version; returns whether it is new: of several with the same key and LSN the first
   * stays.
   *
   * @throws IllegalArgumentException if the key has a newer version, but none of this LSN
   * @throws IllegalStateException if the layer is frozen, or as full as a layer can be
   * @throws IOException if the value cannot be written; nothing is put
   */
  public boolean put(long offset, PageKey key, Lsn lsn, Value value) throws IOException {
    checkWritable(lsn.value());
    int length = value.bytes().length;
    long position = content.file().append(value.bytes(), 0, length);
    return put(offset, UNKNOWN, key.high(), key.low(), lsn.value(), value.kind(), position, length);
  }

  /**
   * Puts a version whose value is in the ephemeral file already; returns whether it is new.
   * Allocates nothing but room in the index.
   *
   * @param known what {@link #seek} returned for the key
   * @throws IllegalArgumentException if the key has a newer version, but none of this LSN
   * @throws IllegalStateException if the layer is frozen, or as full as a layer can be
   */
  public boolean put(
      long offset,
      int known,
      long keyHigh,
      long keyLow,
      long lsn,
      ValueKind kind,
      long position,
      int length) {
    checkWritable(lsn);
    long place = Place.of(position, length, kind);
    content.tally().set(LayerTally.LAST_OFFSET, offset);
    return content.put(known, keyHigh, keyLow, lsn, place);
  }

  /**
   * Looks for a key that will be put, and returns a number for its put: it holds for this layer,
   * until this is called again after a put. Called for several keys before the first of them is
   * put, it lets their index entries be fetched from memory at the same time.
   */
  public int seek(long keyHigh, long keyLow) {
    return content.index().seek(keyHigh, keyLow);
  }

  /**
   * Fetches from memory what a put of a key will change. Called for several keys before the first
   * of them is put, it lets them wait for memory at the same time. Returns a number without a
   * meaning, which the caller must keep somewhere, or the compiler would leave this out.
   *
   * @param known what {@link #seek} returned for the key
   */
  public long touch(int known) {
    return known < 0 ? 0 : content.index().touch(known);
  }

  /**
   * Puts a tombstone; returns whether it is new.
   *
   * @throws IllegalStateException if the layer is frozen
   */
  public boolean put(long offset, Tombstone tombstone) {
    checkWritable(tombstone.lsn().value());
    content.tally().set(LayerTally.LAST_OFFSET, offset);
    return content.put(tombstone);
  }

  /**
   * Returns the heap that the layer takes, in bytes, with what writing it out will take for its
   * keys. For the writer.
   */
  public long heapBytes() {
    return content.heapBytes();
  }

  /** Returns by how much {@link #heapBytes} has grown since this was called before. */
  public long heapGrowth() {
    long bytes = content.heapBytes();
    long growth = bytes - toldBytes;
    toldBytes = bytes;
    return growth;
  }

  private void checkWritable(long lsn) {
    if (frozen) {
      throw new IllegalStateException("layer is frozen: layer=" + displayName());
    }
    if (Long.compareUnsigned(lsn, startLsn.value()) < 0) {
      throw new IllegalArgumentException(
          "LSN below the layer's start: lsn=" + Lsn.of(lsn) + ", startLsn=" + startLsn);
    }
  }

  /**
   * Ends the layer: it takes nothing from here on. What it holds is in the frozen layer; readers
   * may go on with either.
   *
   * @param endLsn first LSN behind the layer
   * @param endOffset first log offset behind those that the layer covers
   * @param reason why it ends there
   * @throws IllegalArgumentException if the end is not above the start, or versions lie behind it
   * @throws IllegalStateException if the layer is frozen already
   */
  public FrozenLayer freeze(Lsn endLsn, long endOffset, FreezeReason reason) {
    if (frozen) {
      throw new IllegalStateException("layer is frozen already: layer=" + displayName());
    }
    if (!endLsn.isAfter(startLsn) || !content.maxLsn().isBefore(endLsn)) {
      throw new IllegalArgumentException(
          "a layer must end above its start and its versions: startLsn="
              + startLsn
              + ", lastLsn="
              + content.maxLsn()
              + ", endLsn="
              + endLsn);
    }
    if (endOffset <= lastOffset()) {
      throw new IllegalArgumentException(
          "a layer must end behind its last offset: lastOffset="
              + lastOffset()
              + ", endOffset="
              + endOffset);
    }
    frozen = true;
    return new FrozenLayer(
        timeline, new LsnRange(startLsn, endLsn), startOffset, endOffset, reason, content);
  }

  /** Returns the LSN below which there is nothing. */
  public Lsn startLsn() {
    return startLsn;
  }

  /** Returns the newest LSN of a version or tombstone. */
  public Lsn maxLsn() {
    return content.maxLsn();
  }

  @Override
  public TimelineId timeline() {
    return timeline;
  }

  /** Returns {@code open-<startLsn>}. */
  @Override
  public String displayName() {
    return "open-" + HexFormat.of().withUpperCase().toHexDigits(startLsn.value());
  }

  @Override
  public KeyRange keyRange() {
    return content.keyRange();
  }

  @Override
  public boolean covers(PageKey key) {
    return content.covers(key);
  }

  @Override
  public LsnRange lsnRange() {
    return new LsnRange(startLsn, content.maxLsn().next());
  }

  @Override
  public long startOffset() {
    return startOffset;
  }

  @Override
  public long endOffset() {
    return lastOffset() + 1;
  }

  private long lastOffset() {
    return content.tally().get(LayerTally.LAST_OFFSET);
  }

  @Override
  public @Nullable FreezeReason freezeReason() {
    return null;
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
