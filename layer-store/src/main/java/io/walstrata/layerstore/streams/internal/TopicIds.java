package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.IOException;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * Which topic layers were made from: its id, noted beside the partitions' homes. A topic that was
 * deleted and created again has another.
 */
public final class TopicIds {
  private TopicIds() {}

  /**
   * Compares a topic with the layers; with no note of its id there is one then.
   *
   * @return what is wrong; empty if nothing is
   */
  public static Optional<String> check(StateStoreOptions store, Uuid id) throws IOException {
    LayerHomes homes = store.homes();
    String known = homes.noteTopicId(store.topic(), id.toString());
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
                + homes.location(store.topic())
                + ", file="
                + homes.topicIdLocation(store.topic()));
  }
}
