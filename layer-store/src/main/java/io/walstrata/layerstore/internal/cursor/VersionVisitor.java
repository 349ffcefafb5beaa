package io.walstrata.layerstore.internal.cursor;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;

/** Takes versions one after the other. */
@FunctionalInterface
public interface VersionVisitor {
  /** Takes a version; returns whether there should be more. */
  boolean visit(PageKey key, Lsn lsn, Value value) throws IOException;
}
