package io.walstrata.schemas.serde;

import org.jspecify.annotations.Nullable;

/**
 * The bytes are not a message: not framed, cut short, longer than what they hold, or with a length
 * or a number that cannot be.
 */
public final class MalformedMessageException extends BadMessageException {
  private static final long serialVersionUID = 1L;

  public MalformedMessageException(String message) {
    super(message, null);
  }

  public MalformedMessageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
