package io.walstrata.postgres.redo;

import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import java.io.IOException;
import java.util.List;

/**
 * Whether a cluster logs the first change of hint bits after a checkpoint: it does with data
 * checksums, and with {@code wal_log_hints}. It decides whether setting "all visible" stamps the
 * heap page.
 */
final class HintLogging {
  /**
   * Returns whether hint bits were logged when a record was written.
   *
   * @param source reads the cluster's control file
   * @param assumptions takes what is returned if history does not state it
   */
  boolean isOn(PageSource source, RecordView record, List<String> assumptions) throws IOException {
    // initdb switches data checksums on from 18 on.
    boolean isOn = record.version().atLeast(PgVersion.V18);
    String assumption = "hint bits are logged: " + isOn;
    if (!assumptions.contains(assumption)) {
      assumptions.add(assumption);
    }
    return isOn;
  }
}
