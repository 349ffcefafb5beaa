package io.walstrata.layerstore;

import java.io.IOException;

/** Takes the results of a read, one by one. */
@FunctionalInterface
public interface ReadVisitor<T> {
  /** Takes the next result; returns whether the read continues. An exception ends the read. */
  boolean visit(T found) throws IOException;
}
