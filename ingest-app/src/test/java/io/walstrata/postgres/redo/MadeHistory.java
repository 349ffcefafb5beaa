package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A history of hand-made records, mapped as a producer maps them, and the pages in it. */
final class MadeHistory implements PageSource {
  private static final int MAX_DEPTH = 8;

  private final PgVersion version;
  private final PostgresRedo redo = new PostgresRedo();
  private final TreeMap<PageKey, List<Version>> versions = new TreeMap<>();
  private final List<Tombstone> tombstones = new ArrayList<>();
  private long end = 0x1000000;
  private int depth;
  private int reads;

  MadeHistory(PgVersion version) {
    this.version = version;
  }

  /** Adds a record and all that it does; returns its end. */
  Lsn add(RecordMaker maker) {
    return map(maker).lsn();
  }

  /** Adds a record and all that it does; returns that. */
  WalEffects map(RecordMaker maker) {
    Lsn start = last();
    end += 0x100;
    WalEffects effects =
        new WalMapper().map(WalRecord.parse(version.magic(), maker.bytes(start), start, last()));
    for (PageVersion each : effects.versions()) {
      put(each.key(), each.value());
    }
    effects.tombstones().forEach(keys -> tombstones.add(new Tombstone(keys, last())));
    return effects;
  }

  /** Adds a record to one key, marked as one that needs no older one or not. */
  Lsn addTo(PageKey key, RecordMaker maker, boolean willInit) {
    Lsn start = last();
    end += 0x100;
    WalRecord record = WalRecord.parse(version.magic(), maker.bytes(start), start, last());
    put(key, Value.walRecord(record.toValue(), willInit));
    return last();
  }

  /** Adds a record's bytes to one key, whatever they are. */
  void addRaw(PageKey key, byte[] record) {
    end += 0x100;
    byte[] magic = RecordMaker.u16(version.magic());
    put(key, Value.walRecord(RecordMaker.bytes(magic, record), false));
  }

  /** Adds an image of a key. */
  Lsn image(PageKey key, byte[] bytes) {
    end += 0x100;
    put(key, Value.image(bytes));
    return last();
  }

  private void put(PageKey key, Value value) {
    versions.computeIfAbsent(key, k -> new ArrayList<>()).add(new Version(last(), value));
  }

  /** Returns the end of the newest record. */
  Lsn last() {
    return Lsn.of(end);
  }

  /** Returns how many reads of other keys there were. */
  int reads() {
    return reads;
  }

  /** Returns a page as of the newest record. */
  RedoResult page(PageKey key) throws IOException {
    return page(key, last());
  }

  /** Returns the bytes of a page as of the newest record. */
  byte[] bytes(PageKey key) throws IOException {
    return bytes(key, last());
  }

  /** Returns the bytes of a page as of an LSN. */
  byte[] bytes(PageKey key, Lsn asOf) throws IOException {
    RedoResult result = page(key, asOf);
    if (result instanceof RedoResult.Page page) {
      return page.bytes();
    }
    throw new AssertionError("no page: " + result);
  }

  @Override
  public RedoResult page(PageKey key, Lsn asOf) throws IOException {
    if (depth == MAX_DEPTH) {
      return new RedoResult.Refused(key, Lsn.INVALID, Reason.DAMAGED_RECORD, "too deep");
    }
    depth++;
    try {
      return redo.redo(versions(key, asOf));
    } finally {
      depth--;
    }
  }

  @Override
  public RedoRequest versions(PageKey key, Lsn asOf) {
    reads++;
    List<Version> found = visible(key, asOf);
    int start = found.size();
    boolean isComplete = false;
    while (start > 0 && !isComplete) {
      start--;
      isComplete = !found.get(start).value().kind().needsOlder();
    }
    Version base = null;
    if (isComplete && found.get(start).value().kind() == ValueKind.IMAGE) {
      base = found.get(start++);
    }
    return new RedoRequest(
        key,
        asOf,
        base,
        found.subList(start, found.size()),
        isComplete ? null : droppedAt(key, asOf),
        this);
  }

  private List<Version> visible(PageKey key, Lsn asOf) {
    Lsn dropped = droppedAt(key, asOf);
    return versions.getOrDefault(key, List.of()).stream()
        .filter(each -> !each.lsn().isAfter(asOf))
        .filter(each -> dropped == null || each.lsn().isAfter(dropped))
        .toList();
  }

  private @Nullable Lsn droppedAt(PageKey key, Lsn asOf) {
    return tombstones.stream()
        .filter(each -> each.keys().contains(key) && !each.lsn().isAfter(asOf))
        .map(Tombstone::lsn)
        .max(Lsn::compareTo)
        .orElse(null);
  }

  @Override
  public @Nullable PageKey firstKey(KeyRange keys, Lsn asOf) {
    reads++;
    return versions.subMap(keys.startKey(), keys.endKey()).keySet().stream()
        .filter(key -> !visible(key, asOf).isEmpty())
        .findFirst()
        .orElse(null);
  }
}
