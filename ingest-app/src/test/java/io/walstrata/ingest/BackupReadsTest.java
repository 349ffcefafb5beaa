package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.http.LayerReads;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.postgres.wal.BackupSpan;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From which LSN on a history is consistent. */
class BackupReadsTest {
  private static final int BACKUP_END = 0x50;
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final Lsn START = Lsn.of(0x28);

  @TempDir Path folder;
  private LayerStore store;
  private LayerWriter writer;
  private long offset;

  @BeforeEach
  void open() throws Exception {
    store =
        LayerStore.open(
            LayerHomes.partition(folder.resolve("home")),
            folder.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS);
    writer = store.claim();
  }

  @AfterEach
  void close() throws Exception {
    writer.close();
    store.close();
  }

  private void put(PageKey key, Lsn lsn, Value value) throws Exception {
    writer.put(offset++, TIMELINE, key, lsn, value);
  }

  private Optional<Lsn> consistentFrom() {
    return new BackupReads(new StoreOnly()).consistentFrom(TIMELINE, ReadLimit.NONE);
  }

  @Test
  void aHistoryWithoutABaseBackup_hasNone() throws Exception {
    assertThat(consistentFrom()).isEmpty();
    put(PgKeys.block(1663, 5, 16384, 0, 0), START, Value.image(new byte[8192]));
    assertThat(consistentFrom()).isEmpty();
  }

  @Test
  void aBaseBackup_statesIt() throws Exception {
    put(PgKeys.BASE_BACKUP, START, Value.image(new BackupSpan(START, Lsn.of(0x158)).toValue()));
    assertThat(consistentFrom()).hasValue(Lsn.of(0x158));
  }

  @Test
  void otherwiseTheRecordThatNamesItsStart_statesIt() throws Exception {
    put(PgKeys.CONTROL_FILE, START, Value.image(new byte[8192]));
    put(PgKeys.BASE_BACKUP, START, Value.image(new BackupSpan(START, Lsn.INVALID).toValue()));
    assertThat(consistentFrom()).isEmpty();
    WalRecord other = backupEnd(Lsn.of(0x10));
    put(PgKeys.CONTROL_FILE, other.endLsn(), Value.walRecord(other.toValue(), false));
    assertThat(consistentFrom()).isEmpty();
    WalRecord end = backupEnd(START);
    Lsn lsn = Lsn.of(end.endLsn().value() + 8);
    put(PgKeys.CONTROL_FILE, lsn, Value.walRecord(end.toValue(), false));
    assertThat(consistentFrom()).hasValue(lsn);
  }

  private static WalRecord backupEnd(Lsn start) {
    return RecordMaker.record(RecordMaker.RMGR_XLOG, BACKUP_END)
        .main(RecordMaker.u64(start.value()))
        .parse();
  }

  /** Reads of the one store. */
  private final class StoreOnly implements LayerReads {
    @Override
    public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ReadAnswer<ReconstructData> page(
        TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
      return ReadAnswer.ofPage(() -> store.get(timeline, key, asOf, limit));
    }

    @Override
    public ReadAnswer<PageRead> redonePage(
        TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
      throw new UnsupportedOperationException();
    }
  }
}
