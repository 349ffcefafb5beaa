package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.internal.file.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The store's directory inside the task directory of Kafka Streams: ephemeral files, and a marker
 * by which Kafka Streams knows that this instance has the partition's state. Without the marker the
 * task directory would look empty, and the assignor would send the partition anywhere.
 */
final class StoreDirectory {
  private static final String MARKER = "layers";

  private final Path path;

  StoreDirectory(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  void mark(String home) throws IOException {
    ScratchDirectory.writeText(path, MARKER, "The layers are in " + home + "\n");
  }

  void delete() throws IOException {
    ScratchDirectory.delete(path);
  }
}
