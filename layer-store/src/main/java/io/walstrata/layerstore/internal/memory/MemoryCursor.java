package io.walstrata.layerstore.internal.memory;

import static io.walstrata.layerstore.internal.memory.KeyTable.NONE;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads a layer in memory: the keys at the time of the cursor's creation, with all versions. */
public final class MemoryCursor implements VersionCursor {
  private final VersionIndex index;
  private final KeyOrder.Cursor numbers;
  private final ValueWindow values;
  private final CostCounter cost;
  private int number; // of the next key
  private @Nullable PageKey key; // that key; null at the end

  public MemoryCursor(
      VersionIndex index, KeyOrder.Cursor numbers, ValueWindow values, CostCounter cost) {
    this.index = index;
    this.numbers = numbers;
    this.values = values;
    this.cost = cost;
    advance();
  }

  /** Creates a cursor that looks up each key that is read. */
  public MemoryCursor(VersionIndex index, ValueWindow values, CostCounter cost) {
    this(index, () -> NONE, values, cost);
  }

  private void advance() {
    number = numbers.next();
    key = number == NONE ? null : index.key(number);
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
    int found = ofKey.equals(key) ? number : index.find(ofKey);
    index.descend(found, asOf, above, values.reading(ofKey, visitor, cost));
  }
}
