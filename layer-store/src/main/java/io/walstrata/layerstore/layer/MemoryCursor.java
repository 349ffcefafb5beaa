package io.walstrata.layerstore.layer;

import static io.walstrata.layerstore.layer.KeyTable.NONE;

import io.walstrata.layerstore.format.CostCounter;
import io.walstrata.layerstore.format.VersionCursor;
import io.walstrata.layerstore.format.VersionVisitor;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Goes through a layer in memory: the keys that there were when it began, with all versions. */
final class MemoryCursor implements VersionCursor {
  private final MemoryVersions versions;
  private final CostCounter cost;
  private final KeyOrder.Cursor numbers;
  private @Nullable PageKey key; // the first that was not passed; null at the end

  MemoryCursor(MemoryVersions versions, KeyRange keys, CostCounter cost) {
    this.versions = versions;
    this.cost = cost;
    numbers = versions.index().cursor(keys);
    advance();
  }

  /** A cursor that knows no keys and finds those that it is asked for. */
  MemoryCursor(MemoryVersions versions, CostCounter cost) {
    this.versions = versions;
    this.cost = cost;
    numbers = () -> NONE;
    advance();
  }

  private void advance() {
    int number = numbers.next();
    key = number == NONE ? null : versions.index().key(number);
  }

  @Override
  public @Nullable PageKey ceiling(PageKey from) {
    PageKey next = key;
    while (next != null && next.compareTo(from) < 0) {
      advance();
      next = key;
    }
    return next;
  }

  @Override
  public void descend(PageKey ofKey, Lsn asOf, Lsn above, VersionVisitor visitor)
      throws IOException {
    versions.descend(ofKey, asOf, above, visitor, cost);
  }
}
