package io.walstrata.ingest;

import io.walstrata.ingest.http.FileSizes;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.redo.ForkSize;
import io.walstrata.postgres.wal.PgKeys;
import java.util.List;
import java.util.Locale;
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
  public Size size(byte[] page) {
    ForkSize size = ForkSize.of(new RedoResult.Page(page, 0, List.of()));
    if (size instanceof ForkSize.Known known) {
      return new Size(known.blocks(), known.bound().name().toLowerCase(Locale.ROOT));
    }
    throw new IllegalStateException("a page of a size without one: bytes=" + page.length);
  }
}
