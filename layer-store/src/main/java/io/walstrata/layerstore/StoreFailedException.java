package io.walstrata.layerstore;

import java.io.IOException;

/**
 * A store cannot make durable what was put, and no retry will: the values that it holds are
 * damaged, or its own code has failed. It takes nothing more, and writes nothing more. What is
 * durable is intact; a restart of the process takes the rest from the log again.
 *
 * <p>Not for a disk that is full or fails to write: that is waited for, see {@link
 * LayerStore#flushFailure}. Not for another owner either: that is a {@link
 * io.walstrata.layerstore.page.FencedException}.
 */
public final class StoreFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreFailedException(String home, Throwable cause) {
    super(
        "the store has failed and takes nothing more, restart the process, which reads from the log"
            + " what is not durable: home="
            + home
            + ", reason="
            + (cause.getMessage() == null ? cause.toString() : cause.getMessage()),
        cause);
  }
}
