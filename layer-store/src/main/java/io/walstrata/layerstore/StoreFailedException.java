package io.walstrata.layerstore;

import java.io.IOException;

/**
 * A store cannot make durable what was put, and a retry would not help: the values that it holds
 * are damaged, or its own code has failed. It takes and writes nothing more. What is durable is
 * intact; after a restart of the process the rest is read from the log again.
 *
 * <p>Not thrown for a disk that is full or fails to write: such writes are retried, see {@link
 * LayerWriter#flushFailure}. Nor for another owner: that is a {@link
 * io.walstrata.layerstore.home.FencedException}.
 */
public final class StoreFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreFailedException(String home, Throwable cause) {
    super(
        "the store has failed and takes no more writes; restart the process, it reads from the log"
            + " what is not durable: home="
            + home
            + ", reason="
            + (cause.getMessage() == null ? cause.toString() : cause.getMessage()),
        cause);
  }
}
