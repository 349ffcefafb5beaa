package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Version;
import org.jspecify.annotations.Nullable;

/** Finds pages that redo made before, so that a read need not go back to their base. */
@FunctionalInterface
public interface KnownPages {
  /** Knows no page. */
  KnownPages NONE = (timeline, key, asOf) -> null;

  /** Returns a page and the LSN of the newest version in it, at most {@code asOf}; null if none. */
  @Nullable Version find(TimelineState timeline, PageKey key, Lsn asOf);
}
