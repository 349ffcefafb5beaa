package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.IOException;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * Checks which topic layers were made from, by its id, noted beside the partitions' homes. A topic
 * that was deleted and created again has another id.
 */
public final class TopicIds {
  private TopicIds() {}

  /**
   * Compares a topic's id with that noted for the layers, and notes it if there is none.
   *
   * @return what is wrong; empty if the ids are the same
   */
  public static Optional<String> check(StateStoreOptions store, Uuid id) throws IOException {
    LayerHomes homes = store.homes();
    String known = homes.noteTopicId(store.topic(), id.toString());
    return known.equals(id.toString())
        ? Optional.empty()
        : Optional.of(
            "the topic was deleted and created again, or is on another cluster; its records are"
                + " not those of the layers. Move the directory away to start again, or, if this is"
                + " a copy with the same offsets, delete the file: topic="
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
