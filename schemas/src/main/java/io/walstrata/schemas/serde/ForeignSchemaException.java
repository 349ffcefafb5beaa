package io.walstrata.schemas.serde;

import org.jspecify.annotations.Nullable;

/** The message's schema is not the schema of a WAL message, or not an Avro schema at all. */
public final class ForeignSchemaException extends BadMessageException {
  private static final long serialVersionUID = 1L;

  public ForeignSchemaException(String message) {
    super(message, null);
  }

  public ForeignSchemaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
