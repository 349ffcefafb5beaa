package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.internal.file.LocalFiles;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * Which topic layers were made from: its id, in a file beside the partitions' directories. A topic
 * that was deleted and made anew has another.
 */
public final class TopicIds {
  private static final String FILE = "topic.id";

  private TopicIds() {}

  /**
   * Compares a topic with the layers; with no note of its id there is one then.
   *
   * @return what is wrong; empty if nothing is
   */
  public static Optional<String> check(StateStoreOptions store, Uuid id) throws IOException {
    Path directory = store.layersHome().resolve(store.topic());
    Path file = directory.resolve(FILE);
    String known = LocalFiles.noted(file, id + System.lineSeparator()).strip();
    return known.equals(id.toString())
        ? Optional.empty()
        : Optional.of(
            "the topic was deleted and made anew, or is on another cluster; its records are not"
                + " those of the layers. Move the directory away to start anew, or, if this is a"
                + " copy with the same offsets, delete the file: topic="
                + store.topic()
                + ", id="
                + id
                + ", layersId="
                + known
                + ", directory="
                + directory
                + ", file="
                + file);
  }
}
