package io.walstrata.schemas.serde;

import org.jspecify.annotations.Nullable;

/**
 * The bytes are not a message: not framed, cut short, with bytes after its end, or with a length or
 * a number that is out of range.
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
