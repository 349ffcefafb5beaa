package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a cluster logs the first change of hint bits after a checkpoint: it does with data
 * checksums, and with {@code wal_log_hints}. It decides whether setting "all visible" stamps the
 * heap page. For the replay of one page.
 */
final class HintLogging {
  private final PageSource source;
  private final Lsn asOf;
  private @Nullable ClusterSettings settings; // as of asOf, read when first needed

  /**
   * @param asOf the LSN of the page's newest record
   */
  HintLogging(PageSource source, Lsn asOf) {
    this.source = source;
    this.asOf = asOf;
  }

  /**
   * Returns whether hint bits were logged when a record was written.
   *
   * @param assumptions takes what is assumed because history does not state it
   */
  boolean isOn(RecordView record, List<String> assumptions) throws IOException {
    ClusterSettings known = settingsAt(record.endLsn());
    Boolean logsHints = known.logsHints(record.endLsn());
    Boolean checksums = known.hasDataChecksums();
    if (Boolean.TRUE.equals(logsHints) || Boolean.TRUE.equals(checksums)) {
      return true;
    }
    if (checksums != null) {
      return false;
    }
    // initdb switches data checksums on from 18 on.
    boolean isDefault = record.version().atLeast(PgVersion.V18);
    assume(
        "data checksums are "
            + (isDefault ? "on" : "off")
            + ", the default of version "
            + record.version().major(),
        assumptions);
    if (logsHints == null && !isDefault) {
      assume("wal_log_hints is off, the default", assumptions);
    }
    return isDefault;
  }

  private ClusterSettings settingsAt(Lsn lsn) throws IOException {
    ClusterSettings newest = settings;
    if (newest == null) {
      newest = ClusterSettings.read(source, asOf);
      settings = newest;
    }
    // A second base backup brings another control file; what was before is at its own LSN.
    return newest.beginAfter(lsn) ? ClusterSettings.read(source, lsn) : newest;
  }

  private static void assume(String assumption, List<String> assumptions) {
    if (!assumptions.contains(assumption)) {
      assumptions.add(assumption);
    }
  }
}
