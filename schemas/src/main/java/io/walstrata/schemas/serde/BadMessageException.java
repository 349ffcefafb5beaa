package io.walstrata.schemas.serde;

import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * A message cannot be read, now or later: the message or its schema is at fault, not the registry.
 * Compare {@link RegistryUnavailableException}.
 */
public abstract sealed class BadMessageException extends SerializationException
    permits MalformedMessageException,
        UnknownSchemaIdException,
        ForeignSchemaException,
        IncompatibleSchemaException {
  private static final long serialVersionUID = 1L;

  /** The text may quote names and schemas of other programs, and is put into headers and logs. */
  private static final int MAX_CHARS = 1000;

  BadMessageException(String message, @Nullable Throwable cause) {
    super(clip(message), cause);
  }

  private static String clip(String message) {
    return message.length() <= MAX_CHARS ? message : message.substring(0, MAX_CHARS) + "…";
  }
}
