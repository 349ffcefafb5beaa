package io.walstrata.postgres.wal;

/** Takes the bytes of a record in order, as they are read. */
@FunctionalInterface
public interface RecordContent {
  /** Takes the next bytes. The array is valid during the call. */
  void bytes(byte[] from, int offset, int count);
}
