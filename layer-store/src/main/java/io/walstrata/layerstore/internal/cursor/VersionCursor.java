package io.walstrata.layerstore.internal.cursor;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads versions by ascending key: no call asks for a key below that of the call before. For one
 * thread.
 */
public interface VersionCursor {
  /** Returns the first key at or after {@code from}; null if there is none. */
  @Nullable PageKey ceiling(PageKey from) throws IOException;

  /**
   * Visits a key's versions from newest to oldest, until the visitor returns false.
   *
   * @param asOf the newest LSN to visit, inclusive
   * @param above the LSN to stop at, exclusive; {@link Lsn#INVALID} for none
   */
  void descend(PageKey key, Lsn asOf, Lsn above, VersionVisitor visitor) throws IOException;
}
