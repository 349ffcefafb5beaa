package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code backup_label} and {@code backup_manifest} state of a backup that was taken from a
 * running server.
 *
 * @param startLsn from which on the WAL is needed
 * @param timeline PostgreSQL's timeline number of that WAL, unsigned 32 bits
 * @param isFromStandby whether the server was a standby
 */
public record BackupLabel(Lsn startLsn, int timeline, boolean isFromStandby) {
  /** The file's path in a backup. */
  public static final String PATH = "backup_label";

  /** The path of the list of the backup's files. */
  public static final String MANIFEST_PATH = "backup_manifest";

  /** The stretches of WAL are at the end of a manifest, after its files. */
  static final int MANIFEST_TAIL_BYTES = 64 << 10;

  private static final Pattern START =
      Pattern.compile("(?m)^START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+)");
  private static final Pattern TIMELINE = Pattern.compile("(?m)^START TIMELINE: ([0-9]{1,10})$");
  private static final Pattern STANDBY = Pattern.compile("(?m)^BACKUP FROM: standby");
  private static final Pattern INCREMENTAL =
      Pattern.compile("(?m)^INCREMENTAL FROM LSN: ([0-9A-F]+/[0-9A-F]+)");
  private static final Pattern RANGES = Pattern.compile("\"WAL-Ranges\"");
  private static final Pattern RANGE_END =
      Pattern.compile("\"End-LSN\"\\s*:\\s*\"([0-9A-F]+/[0-9A-F]+)\"");

  /**
   * Reads a label.
   *
   * @throws BackupException if it is none, or that of an incremental backup
   */
  public static BackupLabel read(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    Matcher start = START.matcher(text);
    Matcher timeline = TIMELINE.matcher(text);
    if (!start.find() || !timeline.find()) {
      throw new BackupException(
          "not a backup label, START WAL LOCATION or START TIMELINE is missing: file=" + PATH);
    }
    Matcher incremental = INCREMENTAL.matcher(text);
    if (incremental.find()) {
      throw new BackupException(
          "the backup is an incremental one, which does not have all pages: incrementalFrom="
              + incremental.group(1)
              + "; make a full one of it with pg_combinebackup");
    }
    return new BackupLabel(
        Lsn.parse(start.group(1)),
        Integer.parseUnsignedInt(timeline.group(1)),
        STANDBY.matcher(text).find());
  }

  /**
   * Returns the end of the WAL that a backup needs to be consistent.
   *
   * @param tail the last bytes of its manifest; null if it has none
   * @return {@link Lsn#INVALID} if that is not stated
   */
  static Lsn endLsn(byte @Nullable [] tail) {
    if (tail == null) {
      return Lsn.INVALID;
    }
    String text = new String(tail, StandardCharsets.ISO_8859_1);
    Matcher ranges = RANGES.matcher(text);
    if (!ranges.find()) {
      return Lsn.INVALID;
    }
    List<Lsn> ends = new ArrayList<>();
    Matcher end = RANGE_END.matcher(text);
    for (int at = ranges.end(); end.find(at); at = end.end()) {
      ends.add(Lsn.parse(end.group(1)));
    }
    return ends.stream().max(Lsn::compareTo).orElse(Lsn.INVALID);
  }
}
