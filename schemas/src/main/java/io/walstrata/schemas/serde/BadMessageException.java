package io.walstrata.schemas.serde;

import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * A message that cannot be read, and will not be however often it is tried: the message or its
 * schema is at fault, not the registry. Compare {@link RegistryUnavailableException}.
 */
public abstract sealed class BadMessageException extends SerializationException
    permits MalformedMessageException,
        UnknownSchemaIdException,
        ForeignSchemaException,
        IncompatibleSchemaException {
  private static final long serialVersionUID = 1L;

  BadMessageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
