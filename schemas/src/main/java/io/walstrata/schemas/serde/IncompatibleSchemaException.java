package io.walstrata.schemas.serde;

import org.jspecify.annotations.Nullable;

/** The message's schema has the name of a WAL message, but cannot be resolved to ours. */
public final class IncompatibleSchemaException extends BadMessageException {
  private static final long serialVersionUID = 1L;

  public IncompatibleSchemaException(String message) {
    super(message, null);
  }

  public IncompatibleSchemaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
