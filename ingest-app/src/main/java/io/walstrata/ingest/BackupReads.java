package io.walstrata.ingest;

import io.walstrata.ingest.http.LayerReads;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Version;
import io.walstrata.postgres.rmgr.BackupEnd;
import io.walstrata.postgres.wal.BackupSpan;
import io.walstrata.postgres.wal.PgKeys;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads of stores whose histories may begin with a base backup of a PostgreSQL: adds from which LSN
 * on they are consistent. Thread-safe.
 */
public final class BackupReads implements LayerReads {
  private final LayerReads stores;

  public BackupReads(LayerReads stores) {
    this.stores = stores;
  }

  @Override
  public Optional<Lsn> consistentFrom(TimelineId timeline, ReadLimit limit) {
    ReconstructData backup = found(stores.page(timeline, PgKeys.BASE_BACKUP, null, limit));
    Version base = backup == null ? null : backup.base();
    Optional<BackupSpan> span =
        base == null ? Optional.empty() : BackupSpan.read(base.value().bytes());
    if (span.isEmpty() || span.get().endLsn().isValid()) {
      return span.map(BackupSpan::endLsn);
    }
    ReconstructData control = found(stores.page(timeline, PgKeys.CONTROL_FILE, null, limit));
    return control == null
        ? Optional.empty()
        : BackupEnd.find(control.records(), span.get().startLsn());
  }

  private static @Nullable ReconstructData found(ReadAnswer<ReconstructData> answer) {
    return answer instanceof ReadAnswer.Found<ReconstructData> found ? found.value() : null;
  }

  @Override
  public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
    return stores.timelines(limit);
  }

  @Override
  public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
    return stores.layers(timeline, limit);
  }

  @Override
  public ReadAnswer<ReconstructData> page(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return stores.page(timeline, key, asOf, limit);
  }

  @Override
  public ReadAnswer<PageRead> redonePage(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return stores.redonePage(timeline, key, asOf, limit);
  }
}
