package io.walstrata.layerstore.internal.write;

import io.walstrata.layerstore.BatchResult;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.PutCounters;
import io.walstrata.layerstore.PutResult;
import io.walstrata.layerstore.internal.IoSupplier;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import io.walstrata.layerstore.internal.layer.LayerMap;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.read.Reads;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.TooManyTimelinesException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import java.io.IOException;
import java.util.ArrayList;
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
 * Puts versions into the open layers of a store, and freezes them. For one thread at a time; only
 * the counters are read by others.
 */
public final class Ingest {
  /*
   * Order. A timeline's LSNs never decrease, but versions of one WAL record may come in several
   * messages, and messages may come twice. So a version at the last LSN may be new, also after a
   * freeze point; one at or below it is looked up in the layers that would have it. Greater LSNs,
   * which are nearly all, need no look-up. Of several values for one (key, LSN) the first stays,
   * whether in the open layer or in an older one: what a store holds must not depend on where it
   * froze.
   */

  private final Timelines timelines;
  private final OpenValues values;
  private final Runnable checkOpen;
  private final MemoryShare memory;
  private final WriteCounters counters;
  private final int maxTimelines;

  private final List<TimelineState> opened = new ArrayList<>(); // timelines with an open layer
  private @Nullable TimelineState listed; // the last one that is known to be among the timelines
  private Map<TimelineId, Lsn> lsnsBefore = new HashMap<>(); // of timelines with an open layer
  private Map<TimelineId, Lsn> lastLsns = new HashMap<>(); // since the last freeze
  private long lastOffset;
  private long freezeOffset;
  private long layerBytes; // heap of the open layers
  private long heapBytes; // of those, the buffer, and writing their files, as counted in `memory`

  private final AtomicLong added = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong late = new AtomicLong();

  /**
   * @param durableOffset the last log offset that the layers cover, -1 for none
   * @param values takes the values of the open layers
   * @param maxTimelines maximum number of timelines
   */
  public Ingest(
      Timelines timelines,
      long durableOffset,
      OpenValues values,
      Runnable checkOpen,
      MemoryShare memory,
      WriteCounters counters,
      int maxTimelines) {
    this.timelines = timelines;
    this.values = values;
    this.checkOpen = checkOpen;
    this.memory = memory;
    this.counters = counters;
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
      try {
        long position = values.append(bytes, 0, bytes.length, bytes.length);
        result = put(offset, timeline, key, lsn, value, position);
        progress(offset, timeline, lsn);
      } finally {
        account(timeline); // also if there is no room for the value
      }
    }
    count(result);
    return result;
  }

  public BatchResult putAll(long offset, ValueBatch batch) throws IOException {
    checkOffset(offset);
    if (batch.maxLength() > Value.MAX_BYTES) {
      throw tooLong(batch);
    }
    if (batch.size() == 0) {
      lastOffset = offset;
      return new BatchResult(0, 0, List.of());
    }
    TimelineState timeline = find(batch.timeline());
    try {
      // All values in one append, also those of versions that are not new.
      long start =
          values.append(batch.raw(), batch.rawOffset(), batch.rawLength(), batch.maxLength());
      return putAll(offset, timeline, batch, start);
    } finally {
      account(timeline); // also if there is no room for the values
    }
  }

  private BatchResult putAll(long offset, TimelineState timeline, ValueBatch batch, long start)
      throws IOException {
    List<Integer> lateEntries = List.of();
    int newEntries = 0;
    int duplicateEntries = 0;
    try {
      int entry = 0;
      while (entry < batch.size() && needsJudging(timeline, batch.lsnValue(entry))) {
        switch (put(offset, timeline, batch, entry, start)) {
          case ADDED -> newEntries++;
          case DUPLICATE -> duplicateEntries++;
          case LATE -> {
            lateEntries = lateEntries.isEmpty() ? new ArrayList<>() : lateEntries;
            lateEntries.add(entry);
          }
        }
        entry++;
      }
      if (entry < batch.size()) {
        int more = putAll(offset, timeline, batch, entry, batch.size(), start);
        newEntries += more;
        duplicateEntries += batch.size() - entry - more;
      }
    } finally {
      // The last LSN is raised once, so that readers see the batch as a whole, and also after a
      // failure, so that no layer has a version above it.
      InMemoryLayer open = timeline.layers().open();
      progress(offset, timeline, open == null ? Lsn.INVALID : open.maxLsn());
      count(added, newEntries);
      count(duplicates, duplicateEntries);
      count(late, lateEntries.size());
    }
    return new BatchResult(newEntries, duplicateEntries, List.copyOf(lateEntries));
  }

  /**
   * Returns whether a version of this LSN must be looked up by itself: a layer that is not open may
   * have it, or it may be late. If not, the open layer alone determines whether it is new.
   */
  private static boolean needsJudging(TimelineState timeline, long lsn) {
    if (timeline.isNew(lsn)) {
      return false;
    }
    long lastClosed = timeline.layers().lastClosedLsn().value();
    return lsn != timeline.lastLsn().value() || Long.compareUnsigned(lsn, lastClosed) <= 0;
  }

  private PutResult put(
      long offset, TimelineState timeline, ValueBatch batch, int entry, long start)
      throws IOException {
    PutResult result = judge(timeline, batch.key(entry), batch.lsn(entry));
    if (result != PutResult.ADDED) {
      return result;
    }
    int newEntries = putAll(offset, timeline, batch, entry, entry + 1, start);
    return newEntries == 1 ? PutResult.ADDED : PutResult.DUPLICATE;
  }

  public PutResult tombstone(long offset, TimelineId id, KeyRange keys, Lsn lsn)
      throws IOException {
    checkOffset(offset);
    checkLsn(lsn);
    TimelineState timeline = find(id);
    Tombstone tombstone = new Tombstone(keys, lsn);
    PutResult result = judge(timeline, tombstone);
    if (result == PutResult.ADDED) {
      InMemoryLayer open = timeline.layers().open();
      if (open == null) {
        open = new InMemoryLayer(id, lsn, offset, values.file());
        open.put(offset, tombstone);
        show(timeline, open);
      } else {
        open.put(offset, tombstone);
      }
      progress(offset, timeline, lsn);
      account(timeline);
    }
    count(result);
    return result;
  }

  public void progress(long offset, TimelineId id, Lsn lsn) {
    checkOffset(offset);
    checkLsn(lsn);
    progress(offset, find(id), lsn);
  }

  /** Freezes the open layers and returns them; empty if the freeze point is the last one. */
  public Optional<FrozenLayers> freeze(long offset, FreezeReason reason) {
    if (offset == freezeOffset) {
      return Optional.empty();
    }
    List<InMemoryLayer> frozen = new ArrayList<>();
    long bytes = values.heapBytes();
    opened.sort(Comparator.comparing(TimelineState::id));
    for (TimelineState timeline : opened) {
      InMemoryLayer open = Objects.requireNonNull(timeline.layers().open());
      bytes += open.heapBytes();
      open.freeze(open.maxLsn().next(), offset + 1, reason);
      timeline.frozen();
      frozen.add(open);
    }
    long valueBytes = values.length();
    FrozenLayers all =
        new FrozenLayers(offset, frozen, lsnsBefore, lastLsns, values.take(), bytes, valueBytes);
    if (!frozen.isEmpty()) {
      counters.froze(reason);
    }
    memory.freeze(bytes);
    counters.setOpenValueBytes(0);
    layerBytes = 0;
    heapBytes = 0;
    opened.clear();
    lsnsBefore = new HashMap<>();
    lastLsns = new HashMap<>();
    lastOffset = offset;
    freezeOffset = offset;
    return Optional.of(all);
  }

  public void checkFreeze(long offset) {
    if (offset < lastOffset) {
      throw new IllegalArgumentException(
          "offset is less than lastOffset: offset=" + offset + ", lastOffset=" + lastOffset);
    }
  }

  /** Returns whether there are open layers. */
  public boolean hasOpenLayers() {
    return !opened.isEmpty();
  }

  public PutCounters counters() {
    return new PutCounters(added.get(), duplicates.get(), late.get());
  }

  /**
   * Checks that the open layers are those of the timelines, and that their heap is counted. For
   * tests.
   *
   * @throws AssertionError if something is wrong
   */
  public void checkInvariants() {
    List<TimelineState> withOpen =
        timelines.all().stream().filter(each -> each.layers().open() != null).toList();
    if (withOpen.size() != opened.size() || !opened.containsAll(withOpen)) {
      throw new AssertionError("wrong open layers: " + opened + " instead of " + withOpen);
    }
    long bytes = 0;
    for (TimelineState each : opened) {
      bytes += Objects.requireNonNull(each.layers().open()).heapBytes();
    }
    checkEqual("bytes of open layers", layerBytes, bytes);
    checkEqual("bytes of open layers and buffer", heapBytes, bytes + values.heapBytes());
    checkEqual("open bytes of the share", memory.openBytes(), heapBytes);
  }

  private static void checkEqual(String what, long counted, long actual) {
    if (counted != actual) {
      throw new AssertionError("wrong " + what + ": counted=" + counted + ", actual=" + actual);
    }
  }

  /** Releases the open layers' values. */
  public void close() {
    values.take().ifPresent(EphemeralFile::release);
  }

  private void checkOffset(long offset) {
    if (offset < lastOffset || offset <= freezeOffset) {
      throw new IllegalStateException(
          "offset is less than lastOffset or at most freezeOffset, skip records that the layers"
              + " cover: offset="
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
    InMemoryLayer open = timeline.layers().open();
    if (open != null && open.contains(key, lsn)) {
      return PutResult.DUPLICATE;
    }
    return judgeClosed(timeline, lsn, () -> Reads.closedHas(timeline, key, lsn, checkOpen));
  }

  private PutResult judge(TimelineState timeline, Tombstone tombstone) throws IOException {
    if (timeline.isNew(tombstone.lsn().value())) {
      return PutResult.ADDED;
    }
    InMemoryLayer open = timeline.layers().open();
    if (open != null && open.contains(tombstone)) {
      return PutResult.DUPLICATE;
    }
    return judgeClosed(
        timeline, tombstone.lsn(), () -> Reads.closedHas(timeline, tombstone, checkOpen));
  }

  private static PutResult judgeClosed(TimelineState timeline, Lsn lsn, IoSupplier<Boolean> lookup)
      throws IOException {
    if (!lsn.isAfter(timeline.layers().lastClosedLsn()) && lookup.get()) {
      return PutResult.DUPLICATE;
    }
    return lsn.equals(timeline.lastLsn()) ? PutResult.ADDED : PutResult.LATE;
  }

  /** Counts the heap of the open layers after a put into this timeline's. */
  private void account(TimelineState timeline) {
    InMemoryLayer open = timeline.layers().open();
    if (open != null) {
      layerBytes += open.heapGrowth();
    }
    long bytes = values.heapBytes() + layerBytes;
    if (bytes != heapBytes) {
      heapBytes = bytes;
      memory.setOpen(bytes);
    }
    counters.setOpenValueBytes(values.length());
  }

  private PutResult put(
      long offset, TimelineState timeline, PageKey key, Lsn lsn, Value value, long position)
      throws IOException {
    InMemoryLayer open = timeline.layers().open();
    if (open == null) {
      InMemoryLayer begun = new InMemoryLayer(timeline.id(), lsn, offset, values.file());
      begun.put(offset, key, lsn, value, position);
      show(timeline, begun);
      return PutResult.ADDED;
    }
    return open.put(offset, key, lsn, value, position) ? PutResult.ADDED : PutResult.DUPLICATE;
  }

  /** Puts entries of a batch into the open layer; returns how many are new. */
  private int putAll(
      long offset, TimelineState timeline, ValueBatch batch, int from, int to, long start)
      throws IOException {
    InMemoryLayer open = timeline.layers().open();
    if (open != null) {
      return open.putAll(offset, batch, from, to, start);
    }
    InMemoryLayer begun = new InMemoryLayer(timeline.id(), batch.lsn(from), offset, values.file());
    int newEntries = begun.putAll(offset, batch, from, to, start);
    show(timeline, begun);
    return newEntries;
  }

  /** Publishes a layer to readers once it is not empty. */
  private void show(TimelineState timeline, InMemoryLayer layer) {
    lsnsBefore.put(timeline.id(), timeline.lastLsn());
    timeline.open(layer);
    list(timeline);
    opened.add(timeline);
  }

  private void progress(long offset, TimelineState timeline, Lsn lsn) {
    lastOffset = offset;
    if (timeline.isNew(lsn.value())) {
      timeline.progress(lsn);
      list(timeline);
      lastLsns.put(timeline.id(), lsn);
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
   * Returns one of these timelines that is new and for which there is no room; empty if there is
   * room for all.
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
