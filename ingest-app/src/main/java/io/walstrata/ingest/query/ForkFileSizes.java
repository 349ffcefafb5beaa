package io.walstrata.ingest.query;

import io.walstrata.ingest.http.FileSizes;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import org.jspecify.annotations.Nullable;

/** The sizes of PostgreSQL's relation forks. */
public final class ForkFileSizes implements FileSizes {
  @Override
  public @Nullable PageKey sizeKey(PageKey key) {
    return key.kind() == 0 && key.rel() != 0
        ? PgKeys.size(key.spc(), key.db(), key.rel(), key.fork())
        : null;
  }

  @Override
  public long blocks(byte[] page) {
    return LittleEndian.u32(page, 0);
  }
}
