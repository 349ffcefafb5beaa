package io.walstrata.layerstore;

/**
 * A read would take more heap than its {@link ReadLimit} allows; it was stopped before it took it.
 */
public class ReadLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReadLimitException(String message) {
    super(message);
  }
}
