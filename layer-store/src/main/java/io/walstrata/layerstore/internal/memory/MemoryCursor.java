package io.walstrata.layerstore.internal.memory;

import static io.walstrata.layerstore.internal.memory.KeyTable.NONE;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Goes through a layer in memory: the keys that there were when it began, with all versions. */
public final class MemoryCursor implements VersionCursor {
  private final MemoryVersions versions;
  private final ValueWindow values;
  private final CostCounter cost;
  private final KeyOrder.Cursor numbers;
  private int number; // of the first key that was not passed
  private @Nullable PageKey key; // that key; null at the end

  public MemoryCursor(MemoryVersions versions, KeyRange keys, int maxReadBytes, CostCounter cost) {
    this(versions, versions.index().cursor(keys), maxReadBytes, cost);
  }

  /** A cursor that knows no keys and finds those that it is asked for. */
  public MemoryCursor(MemoryVersions versions, int maxReadBytes, CostCounter cost) {
    this(versions, () -> NONE, maxReadBytes, cost);
  }

  private MemoryCursor(
      MemoryVersions versions, KeyOrder.Cursor numbers, int maxReadBytes, CostCounter cost) {
    this.versions = versions;
    this.values = new ValueWindow(versions.file(), maxReadBytes);
    this.cost = cost;
    this.numbers = numbers;
    advance();
  }

  private void advance() {
    number = numbers.next();
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
    int found = ofKey.equals(key) ? number : versions.index().find(ofKey);
    versions.descend(ofKey, found, asOf, above, visitor, values, cost);
  }
}
