package io.walstrata.layerstore.internal;

import java.io.IOException;

/** Does some input or output. */
@FunctionalInterface
public interface IoRunnable {
  void run() throws IOException;
}
