package io.walstrata.harness.demo;

import org.jspecify.annotations.Nullable;

/** The demo did not show what it is to show. */
public final class DemoFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DemoFailedException(String message) {
    super(message);
  }

  public DemoFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
