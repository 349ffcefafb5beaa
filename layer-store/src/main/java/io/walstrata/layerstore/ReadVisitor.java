package io.walstrata.layerstore;

import java.io.IOException;

/** Takes what a read finds, one after the other. */
@FunctionalInterface
public interface ReadVisitor<T> {
  /** Takes the next one; returns whether there should be more. What it throws ends the read. */
  boolean visit(T found) throws IOException;
}
