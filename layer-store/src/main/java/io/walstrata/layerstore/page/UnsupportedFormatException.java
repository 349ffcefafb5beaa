package io.walstrata.layerstore.page;

import java.io.IOException;

/** A file is intact, but of a format version that this program cannot read. */
public final class UnsupportedFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public UnsupportedFormatException(String file, int version, int oldest, int newest) {
    super(
        "format version not supported; read it with the release that wrote it or a later one: file="
            + file
            + ", version="
            + version
            + ", oldestReadable="
            + oldest
            + ", newestReadable="
            + newest);
  }
}
