package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.Optional;

/**
 * The value of {@link PgKeys#BASE_BACKUP}: start and end LSN, 8 bytes each, little-endian.
 *
 * @param startLsn the LSN of the backup's versions
 * @param endLsn from which on its pages are consistent with each other; {@link Lsn#INVALID} if that
 *     is not known, and then the WAL's BACKUP_END record that names the start ends there
 */
public record BackupSpan(Lsn startLsn, Lsn endLsn) {
  private static final int BYTES = 16;

  /** Reads a value; empty if it is of another length. */
  public static Optional<BackupSpan> read(byte[] value) {
    return value.length == BYTES
        ? Optional.of(
            new BackupSpan(Lsn.of(LittleEndian.i64(value, 0)), Lsn.of(LittleEndian.i64(value, 8))))
        : Optional.empty();
  }

  public byte[] toValue() {
    byte[] value = new byte[BYTES];
    put(value, 0, startLsn);
    put(value, 8, endLsn);
    return value;
  }

  private static void put(byte[] value, int at, Lsn lsn) {
    LittleEndian.putI32(value, at, (int) lsn.value());
    LittleEndian.putI32(value, at + 4, (int) (lsn.value() >>> 32));
  }

  @Override
  public String toString() {
    return "base backup, start "
        + startLsn
        + ", consistent from "
        + (endLsn.isValid() ? endLsn.toString() : "BACKUP_END in the WAL");
  }
}
