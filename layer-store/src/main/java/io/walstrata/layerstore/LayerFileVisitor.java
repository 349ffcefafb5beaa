package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;

/** Takes the content of a layer file: first the tombstones, then the versions. */
public interface LayerFileVisitor {
  /**
   * Called first, once.
   *
   * @return whether to continue
   */
  default boolean layer(LayerDesc layer) {
    return true;
  }

  /**
   * Called for each tombstone, sorted.
   *
   * @return whether to continue
   */
  boolean tombstone(Tombstone tombstone);

  /**
   * Called for each version, sorted by key and LSN.
   *
   * @return whether to continue
   */
  boolean version(PageKey key, Lsn lsn, Value value);
}
