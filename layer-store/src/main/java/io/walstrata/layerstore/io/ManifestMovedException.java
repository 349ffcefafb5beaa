package io.walstrata.layerstore.io;

import java.io.IOException;

/** The manifest is not what its writer left: someone else has written it meanwhile. */
public final class ManifestMovedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient byte[] actual;

  public ManifestMovedException(String location, byte[] actual) {
    super("the manifest was written by another owner: home=" + location);
    this.actual = actual.clone();
  }

  /** Returns the manifest's bytes as they are; empty if it is gone. */
  public byte[] actual() {
    return actual.clone();
  }
}
