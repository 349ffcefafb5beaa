package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.BatchResult;
import io.walstrata.layerstore.PutCounters;
import io.walstrata.layerstore.PutResult;
import io.walstrata.layerstore.ValueBatch;
import io.walstrata.layerstore.internal.format.DeltaLayerWriter;
import io.walstrata.layerstore.internal.layer.FrozenLayer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.layer.OpenLayer;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.read.Reads;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.page.FreezeReason;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.TooManyTimelinesException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a store: puts into open layers, and freezes them. For one thread at a time;
 * only the counters are read by others.
 */
public final class Ingest {
  /*
   * Order. A timeline's LSNs never go back, but versions of one WAL record may come in several
   * messages, and messages may come twice. So an LSN equal to the last one is taken as new, also
   * across a freeze point; one at or below it is looked up where it would be. New LSNs, which are
   * nearly all, are taken without a look. Of several values for one (key, LSN) the first stays, be
   * it in the open layer or in an older one: what a store holds must not depend on where it froze.
   */
  private static final int AHEAD = 32; // entries of a batch that the index is told of together

  /** Each MiB of values has an index of 64 blocks in the layer file, in an array that doubles. */
  private static final int INDEX_STEP = 20;

  private static final int INDEX_BYTES = 8192;

  private final Timelines timelines;
  private final Path ephemeralDirectory;
  private final int writeBufferBytes;
  private final Runnable checkOpen;
  private final MemoryShare memory;
  private final WriteTally tally;
  private final long maxFileBytes;
  private final int maxTimelines;

  private long ephemeralFiles;
  private @Nullable EphemeralFile values; // of the open layers; null until the first put
  private final List<TimelineState> opened = new ArrayList<>(); // those with an open layer
  private @Nullable TimelineState listed; // the last one that is among the timelines for sure
  private Map<TimelineId, Lsn> lsnsBefore = new HashMap<>(); // of timelines with an open layer
  private Map<TimelineId, Lsn> movedLsns = new HashMap<>(); // since the last freeze
  private long lastOffset;
  private long freezeOffset;
  private long layerBytes; // heap of the open layers
  private long heapBytes; // of those, the buffer, and writing them out, as `memory` knows it
  private int longestValue; // of the open layers

  @SuppressWarnings("UnusedVariable") // without a meaning: keeps reads from being left out
  private long touched;

  private final int[] known = new int[AHEAD]; // the numbers of a batch's next keys

  private final AtomicLong added = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong late = new AtomicLong();

  /**
   * @param durableOffset the last log offset that the layers cover, -1 for none
   * @param maxFileBytes what open layers have of values is less than this
   * @param maxTimelines how many timelines there may be
   */
  public Ingest(
      Timelines timelines,
      long durableOffset,
      Path ephemeralDirectory,
      int writeBufferBytes,
      Runnable checkOpen,
      MemoryShare memory,
      WriteTally tally,
      long maxFileBytes,
      int maxTimelines) {
    this.timelines = timelines;
    this.ephemeralDirectory = ephemeralDirectory;
    this.writeBufferBytes = writeBufferBytes;
    this.checkOpen = checkOpen;
    this.memory = memory;
    this.tally = tally;
    this.maxFileBytes = maxFileBytes;
    this.maxTimelines = maxTimelines;
    lastOffset = durableOffset;
    freezeOffset = durableOffset;
  }

  public PutResult put(long offset, TimelineId id, PageKey key, Lsn lsn, Value value)
      throws IOException {
    checkOffset(offset);
    checkLsn(lsn);
    if (key.equals(PageKey.MAX)) {
      throw new IllegalArgumentException("the last key is reserved: lsn=" + lsn);
    }
    byte[] bytes = value.bytes();
    if (bytes.length > Value.MAX_BYTES) {
      throw tooLong(bytes.length, key, lsn);
    }
    TimelineState timeline = find(id);
    PutResult result = judge(timeline, key, lsn);
    if (result == PutResult.ADDED) {
      long position = append(bytes, 0, bytes.length, bytes.length);
      result =
          put(
              offset,
              timeline,
              OpenLayer.UNKNOWN,
              key.high(),
              key.low(),
              lsn.value(),
              value.kind(),
              position,
              bytes.length);
      moved(offset, timeline, lsn);
      account(timeline);
    }
    count(result);
    return result;
  }

  public BatchResult put(long offset, ValueBatch batch) throws IOException {
    checkOffset(offset);
    if (batch.maxLength() > Value.MAX_BYTES) {
      throw tooLong(batch);
    }
    if (batch.size() == 0) {
      lastOffset = offset;
      return new BatchResult(0, 0, List.of());
    }
    TimelineState timeline = find(batch.timeline());
    // All values in one piece, also those of versions that turn out not to be needed.
    final long start = append(batch.raw(), batch.rawOffset(), batch.rawLength(), batch.maxLength());
    List<Integer> lateEntries = List.of();
    int newEntries = 0;
    int duplicateEntries = 0;
    int lastTaken = -1;
    try {
      for (int entry = 0; entry < batch.size(); entry++) {
        if (entry % AHEAD == 0) {
          seekAhead(timeline, batch, entry);
        }
        PutResult result =
            timeline.isNew(batch.lsnValue(entry))
                ? PutResult.ADDED
                : judge(timeline, batch.key(entry), batch.lsn(entry));
        if (result == PutResult.ADDED) {
          result =
              put(
                  offset,
                  timeline,
                  known[entry % AHEAD],
                  batch.keyHigh(entry),
                  batch.keyLow(entry),
                  batch.lsnValue(entry),
                  batch.kind(entry),
                  start + batch.offset(entry),
                  batch.length(entry));
          lastTaken = entry;
        }
        switch (result) {
          case ADDED -> newEntries++;
          case DUPLICATE -> duplicateEntries++;
          case LATE -> {
            lateEntries = lateEntries.isEmpty() ? new ArrayList<>() : lateEntries;
            lateEntries.add(entry);
          }
        }
      }
    } finally {
      // Readers get the batch as a whole, and what is in a layer is never above the last LSN.
      moved(offset, timeline, lastTaken < 0 ? Lsn.INVALID : batch.lsn(lastTaken));
      account(timeline);
      count(added, newEntries);
      count(duplicates, duplicateEntries);
      count(late, lateEntries.size());
    }
    return new BatchResult(newEntries, duplicateEntries, List.copyOf(lateEntries));
  }

  /** Looks for the keys of the next entries. */
  private void seekAhead(TimelineState timeline, ValueBatch batch, int start) {
    OpenLayer open = timeline.layers().open();
    int end = Math.min(batch.size() - start, AHEAD);
    if (open == null) {
      Arrays.fill(known, OpenLayer.UNKNOWN);
      return;
    }
    for (int i = 0; i < end; i++) {
      known[i] = open.seek(batch.keyHigh(start + i), batch.keyLow(start + i));
    }
    long seen = 0;
    for (int i = 0; i < end; i++) {
      seen += open.touch(known[i]);
    }
    touched = seen;
  }

  public PutResult drop(long offset, TimelineId id, KeyRange keys, Lsn lsn) throws IOException {
    checkOffset(offset);
    checkLsn(lsn);
    TimelineState timeline = find(id);
    Tombstone tombstone = new Tombstone(keys, lsn);
    PutResult result = judge(timeline, tombstone);
    if (result == PutResult.ADDED) {
      OpenLayer open = timeline.layers().open();
      if (open == null) {
        open = new OpenLayer(id, lsn, offset, values());
        open.put(offset, tombstone);
        show(timeline, open);
      } else {
        open.put(offset, tombstone);
      }
      moved(offset, timeline, lsn);
      account(timeline);
    }
    count(result);
    return result;
  }

  public void advance(long offset, TimelineId id, Lsn lsn) {
    checkOffset(offset);
    checkLsn(lsn);
    TimelineState timeline = find(id);
    moved(offset, timeline, lsn);
  }

  /** Freezes the open layers; empty if the freeze point is the last one. */
  public Optional<Generation> freeze(long offset, FreezeReason reason) {
    if (offset == freezeOffset) {
      return Optional.empty();
    }
    List<FrozenLayer> frozen = new ArrayList<>();
    long bytes = bufferBytes();
    opened.sort(Comparator.comparing(TimelineState::id));
    for (TimelineState timeline : opened) {
      OpenLayer open = Objects.requireNonNull(timeline.layers().open());
      bytes += open.heapBytes();
      FrozenLayer layer = open.freeze(open.maxLsn().next(), offset + 1, reason);
      timeline.freeze(layer);
      frozen.add(layer);
    }
    EphemeralFile file = values;
    Generation generation =
        new Generation(
            offset,
            frozen,
            lsnsBefore,
            movedLsns,
            Optional.ofNullable(file),
            bytes,
            file == null ? 0 : file.length());
    if (!frozen.isEmpty()) {
      tally.froze(reason);
    }
    memory.freeze(bytes);
    tally.setOpenValueBytes(0);
    layerBytes = 0;
    heapBytes = 0;
    longestValue = 0;
    values = null;
    opened.clear();
    lsnsBefore = new HashMap<>();
    movedLsns = new HashMap<>();
    lastOffset = offset;
    freezeOffset = offset;
    return Optional.of(generation);
  }

  public void checkFreeze(long offset) {
    if (offset < lastOffset) {
      throw new IllegalArgumentException(
          "freeze point below what was put: offset=" + offset + ", lastOffset=" + lastOffset);
    }
  }

  /** Returns whether a freeze gives layers that have to be written. */
  public boolean hasOpenLayers() {
    return !opened.isEmpty();
  }

  public PutCounters counters() {
    return new PutCounters(added.get(), duplicates.get(), late.get());
  }

  /** Gives up the open layers. */
  public void close() {
    EphemeralFile open = values;
    if (open != null) {
      values = null;
      open.release();
    }
  }

  private void checkOffset(long offset) {
    if (offset < lastOffset || offset <= freezeOffset) {
      throw new IllegalStateException(
          "log offset goes back, skip what the layers cover: offset="
              + offset
              + ", lastOffset="
              + lastOffset
              + ", freezeOffset="
              + freezeOffset);
    }
  }

  private static void checkLsn(Lsn lsn) {
    if (!lsn.isValid()) {
      throw new IllegalArgumentException("not a version's LSN: lsn=" + lsn);
    }
  }

  private static IllegalArgumentException tooLong(int length, PageKey key, Lsn lsn) {
    return new IllegalArgumentException(
        "value too long: key="
            + key
            + ", lsn="
            + lsn
            + ", length="
            + length
            + ", maxLength="
            + Value.MAX_BYTES);
  }

  private static IllegalArgumentException tooLong(ValueBatch batch) {
    int entry = 0;
    while (batch.length(entry) <= Value.MAX_BYTES) {
      entry++;
    }
    return tooLong(batch.length(entry), batch.key(entry), batch.lsn(entry));
  }

  private PutResult judge(TimelineState timeline, PageKey key, Lsn lsn) throws IOException {
    if (timeline.isNew(lsn.value())) {
      return PutResult.ADDED;
    }
    OpenLayer open = timeline.layers().open();
    if (open != null && open.contains(key, lsn)) {
      return PutResult.DUPLICATE;
    }
    return judgeClosed(timeline, lsn, () -> Reads.closedHas(timeline, key, lsn, checkOpen));
  }

  private PutResult judge(TimelineState timeline, Tombstone tombstone) throws IOException {
    if (timeline.isNew(tombstone.lsn().value())) {
      return PutResult.ADDED;
    }
    OpenLayer open = timeline.layers().open();
    if (open != null && open.contains(tombstone)) {
      return PutResult.DUPLICATE;
    }
    return judgeClosed(
        timeline, tombstone.lsn(), () -> Reads.closedHas(timeline, tombstone, checkOpen));
  }

  private interface Lookup {
    boolean find() throws IOException;
  }

  private static PutResult judgeClosed(TimelineState timeline, Lsn lsn, Lookup lookup)
      throws IOException {
    if (!lsn.isAfter(timeline.layers().lastClosedLsn()) && lookup.find()) {
      return PutResult.DUPLICATE;
    }
    return lsn.equals(timeline.lastLsn()) ? PutResult.ADDED : PutResult.LATE;
  }

  private EphemeralFile values() throws IOException {
    EphemeralFile file = values;
    if (file == null) {
      file = EphemeralFile.create(ephemeralDirectory, ephemeralFiles++, writeBufferBytes);
      values = file;
    }
    return file;
  }

  private long append(byte[] bytes, int offset, int length, int longest) throws IOException {
    EphemeralFile file = values();
    if (length >= maxFileBytes - file.length()) {
      throw new IllegalStateException(
          "no room for these values, freeze sooner: length="
              + length
              + ", open="
              + file.length()
              + ", maxOpen="
              + maxFileBytes);
    }
    long position = file.append(bytes, offset, length);
    longestValue = Math.max(longestValue, longest);
    return position;
  }

  /** Tells what the open layers take, after a put into this timeline's. */
  private void account(TimelineState timeline) {
    OpenLayer open = timeline.layers().open();
    if (open != null) {
      layerBytes += open.heapGrowth();
    }
    long bytes = bufferBytes() + layerBytes;
    if (bytes != heapBytes) {
      heapBytes = bytes;
      memory.setOpen(bytes);
    }
    EphemeralFile file = values;
    tally.setOpenValueBytes(file == null ? 0 : file.length());
  }

  /** Returns what the values take in memory, now and while they are written to layer files. */
  private long bufferBytes() {
    EphemeralFile file = values;
    return file == null
        ? 0
        : file.heapBytes()
            + DeltaLayerWriter.BYTES_PER_FILE
            + (long) DeltaLayerWriter.COPIES_OF_A_VALUE * longestValue
            + (file.length() >> INDEX_STEP) * INDEX_BYTES;
  }

  private PutResult put(
      long offset,
      TimelineState timeline,
      int known,
      long keyHigh,
      long keyLow,
      long lsn,
      ValueKind kind,
      long position,
      int length)
      throws IOException {
    OpenLayer open = timeline.layers().open();
    if (open == null) {
      open = new OpenLayer(timeline.id(), Lsn.of(lsn), offset, values());
      open.put(offset, known, keyHigh, keyLow, lsn, kind, position, length);
      show(timeline, open);
      return PutResult.ADDED;
    }
    boolean isNew = open.put(offset, known, keyHigh, keyLow, lsn, kind, position, length);
    return isNew ? PutResult.ADDED : PutResult.DUPLICATE;
  }

  /** Shows readers a layer that is not empty. */
  private void show(TimelineState timeline, OpenLayer layer) {
    lsnsBefore.put(timeline.id(), timeline.lastLsn());
    timeline.open(layer);
    list(timeline);
    opened.add(timeline);
  }

  private void moved(long offset, TimelineState timeline, Lsn lsn) {
    lastOffset = offset;
    if (timeline.isNew(lsn.value())) {
      timeline.reach(lsn);
      list(timeline);
      movedLsns.put(timeline.id(), lsn);
    }
  }

  private @Nullable TimelineState known(TimelineId id) {
    TimelineState last = listed;
    return last != null && last.id().equals(id) ? last : timelines.find(id);
  }

  private TimelineState find(TimelineId id) {
    TimelineState known = known(id);
    if (known != null) {
      return known;
    }
    if (timelines.size() >= maxTimelines) {
      throw new TooManyTimelinesException(id, maxTimelines);
    }
    return new TimelineState(id, Lsn.INVALID, LayerMap.EMPTY);
  }

  /**
   * Returns one of these timelines that would be refused if all of them got something; empty if
   * none would.
   */
  public Optional<TimelineId> refused(Set<TimelineId> ids) {
    int size = timelines.size();
    for (TimelineId id : ids) {
      if (known(id) == null && ++size > maxTimelines) {
        return Optional.of(id);
      }
    }
    return Optional.empty();
  }

  private void list(TimelineState timeline) {
    if (timeline != listed) {
      if (timelines.add(timeline)) {
        memory.keep(Timelines.BYTES_EACH);
      }
      listed = timeline;
    }
  }

  private void count(PutResult result) {
    AtomicLong counter =
        switch (result) {
          case ADDED -> added;
          case DUPLICATE -> duplicates;
          case LATE -> late;
        };
    count(counter, 1);
  }

  private static void count(AtomicLong counter, int more) {
    counter.lazySet(counter.getPlain() + more);
  }
}
