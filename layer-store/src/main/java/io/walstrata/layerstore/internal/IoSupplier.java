package io.walstrata.layerstore.internal;

import java.io.IOException;

/** Returns a result of input or output. */
@FunctionalInterface
public interface IoSupplier<T> {
  T get() throws IOException;
}
