package io.walstrata.postgres.wal;

import java.util.zip.CRC32C;

/** Makes control files for tests, with the settings that redo reads and nothing else. */
public final class ControlFiles {
  private ControlFiles() {}

  /** Returns a control file of a version, as long as PostgreSQL's own. */
  public static byte[] make(
      PgVersion version,
      boolean logsHints,
      boolean tracksCommitTimestamps,
      boolean hasDataChecksums) {
    byte[] file = new byte[8192];
    int layout =
        switch (version) {
          case V15, V16 -> 1300;
          case V17 -> 1700;
          case V18 -> 1800;
        };
    LittleEndian.putI32(file, 0, 77);
    LittleEndian.putI32(file, 8, layout);
    file[176] = (byte) (logsHints ? 1 : 0);
    file[200] = (byte) (tracksCommitTimestamps ? 1 : 0);
    file[252] = (byte) (hasDataChecksums ? 1 : 0);
    int crcAt = layout == 1800 ? 292 : 288;
    CRC32C crc = new CRC32C();
    crc.update(file, 0, crcAt);
    LittleEndian.putI32(file, crcAt, (int) crc.getValue());
    return file;
  }
}
