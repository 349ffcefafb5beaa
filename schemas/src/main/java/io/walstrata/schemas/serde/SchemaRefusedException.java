package io.walstrata.schemas.serde;

import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** The registry refuses, or does not have, the schema that a message is to be written with. */
public final class SchemaRefusedException extends SerializationException {
  private static final long serialVersionUID = 1L;

  public SchemaRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
