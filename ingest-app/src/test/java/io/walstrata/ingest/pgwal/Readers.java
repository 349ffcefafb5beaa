package io.walstrata.ingest.pgwal;

import io.walstrata.layerstore.page.Lsn;
import java.util.ArrayList;
import java.util.List;

/** Drives a reader over bytes. */
final class Readers {
  private Readers() {}

  /** Returns all records of WAL that begins at {@code start}. */
  static List<PgWalRecord> readAll(long start, byte[] wal) {
    return read(new PgWalReader(Lsn.of(start)), start, wal, wal.length);
  }

  /** Feeds WAL in chunks; returns the records. */
  static List<PgWalRecord> read(PgWalReader reader, long start, byte[] wal, int chunkBytes) {
    List<PgWalRecord> records = new ArrayList<>();
    for (int at = 0; at < wal.length; at += chunkBytes) {
      reader.feed(Lsn.of(start + at), wal, at, Math.min(chunkBytes, wal.length - at));
      drain(reader, records);
    }
    return records;
  }

  static void drain(PgWalReader reader, List<PgWalRecord> records) {
    for (PgWalRecord record = reader.next(); record != null; record = reader.next()) {
      records.add(record);
    }
  }

  static List<Lsn> starts(List<PgWalRecord> records) {
    return records.stream().map(PgWalRecord::lsn).toList();
  }
}
