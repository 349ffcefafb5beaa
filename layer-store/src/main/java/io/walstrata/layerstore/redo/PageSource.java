package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the timeline that a page is being made for. LSNs are at most that of the request that the
 * source came with.
 */
@FunctionalInterface
public interface PageSource {
  /**
   * Returns a page as of an LSN.
   *
   * @throws IOException if a file cannot be read or is damaged
   */
  RedoResult page(PageKey key, Lsn asOf) throws IOException;

  /**
   * Returns a key's versions as of an LSN, as redo of the key would receive them; also of a key
   * that is not that of a page. A source that has only pages returns none.
   *
   * @throws IOException if a file cannot be read or is damaged
   */
  default RedoRequest versions(PageKey key, Lsn asOf) throws IOException {
    return new RedoRequest(key, asOf, null, List.of(), null, this);
  }

  /**
   * Returns the first key of a range that has a version at or below an LSN which no tombstone
   * hides; null if there is none. A source that has only pages returns null.
   *
   * @throws IOException if a file cannot be read or is damaged
   */
  default @Nullable PageKey firstKey(KeyRange keys, Lsn asOf) throws IOException {
    return null;
  }
}
