package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.zip.CRC32C;

/**
 * What a cluster's control file, {@code global/pg_control}, states of settings that redo depends
 * on, and of the position of the cluster's files in the WAL. Of versions 15 to 18.
 *
 * @param systemId the cluster's system identifier
 * @param logsHints {@code wal_log_hints} when the server last ran
 * @param tracksCommitTimestamps {@code track_commit_timestamp} when the server last ran
 * @param hasDataChecksums whether pages have checksums
 * @param position of the cluster's files
 */
public record ControlFile(
    long systemId,
    boolean logsHints,
    boolean tracksCommitTimestamps,
    boolean hasDataChecksums,
    Position position) {
  /**
   * What the cluster's files are, when the control file was written.
   *
   * @param isStopped whether the server was shut down: nothing is missing in its files
   * @param redoLsn where recovery begins: the redo LSN of the last checkpoint
   * @param timeline PostgreSQL's timeline number of that checkpoint, unsigned 32 bits
   * @param minRecoveryLsn what a standby must replay up to before its files are consistent; {@link
   *     Lsn#INVALID} in a primary's
   * @param catalogVersion names the directories in tablespaces
   * @param pageBytes the length of a page
   * @param blocksPerSegment how many pages a segment file of a relation has
   */
  public record Position(
      boolean isStopped,
      Lsn redoLsn,
      int timeline,
      Lsn minRecoveryLsn,
      int catalogVersion,
      int pageBytes,
      long blocksPerSegment) {}

  /*
   * System id 8 | layout 4 | catalog version 4 | state 4, pad 4 | time 8 | checkpoint LSN 8 |
   * checkpoint 88 | unlogged LSN 8 | minimum recovery LSN 8, its timeline 4, pad 4 |
   * backup start 8, end 8, end required 1, pad 3 | wal_level 4 | wal_log_hints 1, pad 3 |
   * five limits, 4 each | track_commit_timestamp 1, pad 3 | maximum alignment 4 | float format 8 |
   * eight sizes, 4 each | float8 by value 1, pad 3 | data checksum version 4 |
   * default char signedness 1 (from 18 on) | nonce 32 | pad to 4 | CRC-32C of all before it 4
   */
  private static final int LAYOUT = 8;
  private static final int CATALOG_VERSION = 12;
  private static final int STATE = 16;
  private static final int REDO_LSN = 40;
  private static final int TIMELINE = 48;
  private static final int MIN_RECOVERY_LSN = 136;
  private static final int WAL_LOG_HINTS = 176;
  private static final int TRACK_COMMIT_TIMESTAMP = 200;
  private static final int PAGE_BYTES = 216;
  private static final int BLOCKS_PER_SEGMENT = 220;
  private static final int DATA_CHECKSUM_VERSION = 252;

  /** DB_SHUTDOWNED and DB_SHUTDOWNED_IN_RECOVERY. */
  private static final int SHUT_DOWN = 1;

  private static final int SHUT_DOWN_IN_RECOVERY = 2;

  /**
   * Reads the file.
   *
   * @param content the file, of any length that its contents fit in
   * @throws WalException if it is of another version or damaged
   */
  public static ControlFile read(byte[] content) {
    if (content.length < LAYOUT + 4) {
      throw error("control file is too short: bytes=" + content.length);
    }
    int layout = LittleEndian.i32(content, LAYOUT);
    int crcAt =
        switch (layout) {
          case 1300, 1700 -> 288; // 15 and 16; 17
          case 1800 -> 292; // 18
          default -> throw error("control file of a version that is not supported: " + layout);
        };
    if (content.length < crcAt + 4) {
      throw error("control file is too short: bytes=" + content.length);
    }
    CRC32C crc = new CRC32C();
    crc.update(content, 0, crcAt);
    if (crc.getValue() != LittleEndian.u32(content, crcAt)) {
      throw error("control file's checksum does not match: layout=" + layout);
    }
    return new ControlFile(
        LittleEndian.i64(content, 0),
        content[WAL_LOG_HINTS] != 0,
        content[TRACK_COMMIT_TIMESTAMP] != 0,
        LittleEndian.i32(content, DATA_CHECKSUM_VERSION) != 0,
        position(content));
  }

  private static Position position(byte[] content) {
    int state = LittleEndian.i32(content, STATE);
    return new Position(
        state == SHUT_DOWN || state == SHUT_DOWN_IN_RECOVERY,
        Lsn.of(LittleEndian.i64(content, REDO_LSN)),
        LittleEndian.i32(content, TIMELINE),
        Lsn.of(LittleEndian.i64(content, MIN_RECOVERY_LSN)),
        LittleEndian.i32(content, CATALOG_VERSION),
        LittleEndian.i32(content, PAGE_BYTES),
        LittleEndian.u32(content, BLOCKS_PER_SEGMENT));
  }

  private static WalException error(String reason) {
    return new WalException(Lsn.INVALID, reason);
  }
}
