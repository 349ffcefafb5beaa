package io.walstrata.layerstore.page;

/** A key with a field that {@link PageKey} cannot hold, such as a tablespace of 17 bits. */
public final class UnrepresentableKeyException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public UnrepresentableKeyException(String message) {
    super(message);
  }
}
