package io.walstrata.layerstore.home;

import java.io.IOException;

/**
 * The manifest is not the one that its owner wrote last: another owner has written it, or it is
 * gone.
 */
public final class ManifestMovedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient byte[] actual;

  public ManifestMovedException(String location, byte[] actual) {
    super(
        actual.length == 0
            ? "the layers are gone: their directory, or the manifest in it, was deleted or moved"
                + " away while they were in use. Restore it and restart, or restart without it:"
                + " history then begins where the topic does: home="
                + location
            : "the manifest was written by another owner: home=" + location);
    this.actual = actual.clone();
  }

  /** Returns the manifest's current bytes; empty if it is gone. */
  public byte[] actual() {
    return actual.clone();
  }
}
