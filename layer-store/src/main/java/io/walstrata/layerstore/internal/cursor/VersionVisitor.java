package io.walstrata.layerstore.internal.cursor;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;

/** Receives versions one after the other. */
@FunctionalInterface
public interface VersionVisitor {
  /** Receives a version; returns whether to continue. */
  boolean visit(PageKey key, Lsn lsn, Value value) throws IOException;
}
