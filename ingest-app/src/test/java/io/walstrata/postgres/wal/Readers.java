package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.ArrayList;
import java.util.List;

/** Drives a reader over bytes. */
final class Readers {
  private Readers() {}

  /** Returns all records of WAL that begins at {@code start}. */
  static List<WalRecord> readAll(long start, byte[] wal) {
    return read(new WalReader(Lsn.of(start)), start, wal, wal.length);
  }

  /** Feeds WAL in chunks; returns the records. */
  static List<WalRecord> read(WalReader reader, long start, byte[] wal, int chunkBytes) {
    List<WalRecord> records = new ArrayList<>();
    for (int at = 0; at < wal.length; at += chunkBytes) {
      reader.feed(Lsn.of(start + at), wal, at, Math.min(chunkBytes, wal.length - at));
      drain(reader, records);
    }
    return records;
  }

  static void drain(WalReader reader, List<WalRecord> records) {
    for (WalRecord record = reader.next(); record != null; record = reader.next()) {
      records.add(record);
    }
  }

  static List<Lsn> starts(List<WalRecord> records) {
    return records.stream().map(WalRecord::lsn).toList();
  }
}
