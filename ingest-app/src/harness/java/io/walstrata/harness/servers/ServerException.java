package io.walstrata.harness.servers;

import org.jspecify.annotations.Nullable;

/**
 * A demo server could not be prepared, started or stopped. The message names the server and, once
 * there is one, its log file.
 */
public class ServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ServerException(String message) {
    super(message);
  }

  public ServerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
