package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.redo.PostgresRedo;
import java.io.IOException;
import java.util.List;

/** Pages that redo makes of a single record. */
public final class Redone {
  private Redone() {}

  /** Returns the page that a record makes from nothing. */
  public static byte[] page(WalRecord record, BlockReference block) throws IOException {
    Lsn lsn = record.endLsn();
    Value value = Value.walRecord(record.toValue(block.id()), true);
    RedoResult result =
        new PostgresRedo()
            .redo(
                new RedoRequest(
                    PgKeys.block(block.spc(), block.db(), block.rel(), block.fork(), block.block()),
                    lsn,
                    null,
                    List.of(new Version(lsn, value)),
                    null,
                    (key, asOf) -> {
                      throw new AssertionError("not needed: key=" + key);
                    }));
    if (result instanceof RedoResult.Page page) {
      return page.bytes();
    }
    throw new AssertionError("no page: result=" + result);
  }
}
