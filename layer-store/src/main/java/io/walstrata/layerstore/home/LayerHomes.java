package io.walstrata.layerstore.home;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.home.local.LocalLayerHomes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The homes of all partitions of all topics. Creating one touches nothing. For any thread. */
public interface LayerHomes {
  /**
   * Returns homes in a local directory; those of one partition are in {@code
   * <directory>/<topic>/<partition>}. Directories are created by the claims.
   *
   * <p>A file system that loses what it has reported as synced, or on which locks do not hold
   * between machines, is not suitable.
   */
  static LayerHomes directory(Path directory) {
    return new LocalLayerHomes(directory);
  }

  /**
   * Returns one partition's home in a local directory, which no other files may be kept in. Its
   * claim does not wait for an owner.
   */
  static LayerHome partition(Path directory) {
    return new LocalLayerHome(directory);
  }

  /** Returns where the homes of a topic's partitions are, for messages. */
  String location(String topic);

  /**
   * Returns the home of a partition.
   *
   * @param claimTimeout how long its {@link LayerHome#claim} waits for another owner to release it
   */
  LayerHome home(String topic, int partition, Duration claimTimeout);

  /**
   * Returns the note of which topic the layers were made from. If there is none, makes this one and
   * returns it. Several processes may do so at the same time.
   *
   * @param id an id that Kafka gave the topic when it was created
   */
  String noteTopicId(String topic, String id) throws IOException;

  /** Returns where the note of a topic's id is, for messages. */
  String topicIdLocation(String topic);

  /**
   * Claims all of these homes against processes that call this too. It does not claim the homes of
   * single partitions.
   *
   * @param timeout how long to wait for another owner to release them
   * @throws HomeClaimedException if another owner has them, and did not release them in time
   */
  Claim claim(Duration timeout) throws IOException;
}
