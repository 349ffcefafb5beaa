package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a small layer file holds, written out so that the golden file can be checked by eye. */
record Sample(List<Entry> entries, List<Tombstone> tombstones) {
  static final TimelineId TIMELINE = TimelineId.parse("00112233445566778899aabbccddeeff");

  record Entry(PageKey key, Lsn lsn, Value value) {}

  /** Nine versions of four keys, of every kind and of length 0 too, and two tombstones. */
  static Sample small() {
    PageKey last = new PageKey(-1, -2);
    PageKey page = PageKey.of(0, 1663, 5, 16384, 0, 7);
    PageKey map = PageKey.of(0, 0xFFFFFFFFL, 5, 16384, 2, 0xFFFFFFFFL);
    List<Entry> entries =
        List.of(
            entry(PageKey.MIN, 1, ValueKind.IMAGE, "first"),
            entry(page, 0x10, ValueKind.IMAGE, "page image"),
            entry(page, 0x20, ValueKind.WAL_RECORD, "insert"),
            entry(page, 0x30, ValueKind.WAL_RECORD, ""),
            entry(page, 0x16_B374D848L, ValueKind.WAL_RECORD_WILL_INIT, "init"),
            entry(map, 0x20, ValueKind.WAL_RECORD_WILL_INIT, "map"),
            entry(map, 0x21, ValueKind.WAL_RECORD, "clear bits"),
            entry(last, 0x30, ValueKind.IMAGE, ""),
            entry(last, -2, ValueKind.WAL_RECORD, "last"));
    List<Tombstone> tombstones =
        List.of(
            new Tombstone(new KeyRange(PageKey.MIN, page), Lsn.of(0x30)),
            new Tombstone(KeyRange.of(page), Lsn.of(0x28)));
    return new Sample(entries, tombstones);
  }

  private static Entry entry(PageKey key, long lsn, ValueKind kind, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    return new Entry(key, Lsn.of(lsn), new Value(kind, bytes));
  }

  KeyRange keyRange() {
    return new KeyRange(PageKey.MIN, PageKey.MAX);
  }

  LsnRange lsnRange() {
    return new LsnRange(Lsn.of(1), Lsn.MAX);
  }

  byte[] write(int blockTargetBytes) throws IOException {
    return write(blockTargetBytes, Compression.NONE);
  }

  byte[] write(int blockTargetBytes, Compression compression) throws IOException {
    MemoryFile file = new MemoryFile();
    DeltaLayerWriter writer =
        new DeltaLayerWriter(
            file, TIMELINE, keyRange(), lsnRange(), keys(), compression, blockTargetBytes);
    for (Entry entry : entries) {
      add(writer, entry.key, entry.lsn, entry.value);
    }
    writer.finish(tombstones, /* startOffset= */ 100, /* endOffset= */ 142);
    return file.toBytes();
  }

  private long keys() {
    return entries.stream().map(Entry::key).distinct().count();
  }

  static void add(DeltaLayerWriter writer, PageKey key, Lsn lsn, Value value) throws IOException {
    byte[] bytes = value.bytes();
    writer.add(
        key.high(),
        key.low(),
        lsn.value(),
        value.kind(),
        (position, target, offset, length) ->
            System.arraycopy(bytes, (int) position, target, offset, length),
        0,
        bytes.length);
  }

  /** Returns a key's versions at or below an LSN, newest first. */
  List<Entry> versions(PageKey key, Lsn asOf) {
    List<Entry> newestFirst = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.key.equals(key) && !entry.lsn.isAfter(asOf)) {
        newestFirst.add(0, entry);
      }
    }
    return newestFirst;
  }

  static List<Entry> read(DeltaLayerReader reader, PageKey key, Lsn asOf) throws IOException {
    List<Entry> newestFirst = new ArrayList<>();
    reader.descend(
        key,
        asOf,
        Lsn.INVALID,
        (at, lsn, value) -> newestFirst.add(new Entry(at, lsn, value)),
        new CostCounter());
    return newestFirst;
  }

  static List<Entry> readAll(DeltaLayerReader reader) throws IOException {
    List<Entry> all = new ArrayList<>();
    reader.forEach((key, lsn, value) -> all.add(new Entry(key, lsn, value)));
    return all;
  }
}
