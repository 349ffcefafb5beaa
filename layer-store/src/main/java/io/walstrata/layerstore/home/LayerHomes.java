package io.walstrata.layerstore.home;

import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.home.local.LocalLayerHomes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The homes of all partitions of all topics. Creating an instance reads and writes nothing. For any
 * thread.
 */
public interface LayerHomes {
  /**
   * Returns homes in a local directory; those of one partition are in {@code
   * <directory>/<topic>/<partition>}. Directories are created by the claims.
   *
   * <p>Not suitable are file systems that lose bytes that they reported as synced, or whose locks
   * do not exclude other machines.
   */
  static LayerHomes directory(Path directory) {
    return new LocalLayerHomes(directory);
  }

  /**
   * Returns one partition's home in a local directory, which must hold no other files. Its claim
   * does not wait for another owner.
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
   * Returns the id of the topic that the layers were made from. If none is noted yet, notes {@code
   * id} and returns it. Several processes may call this at the same time.
   *
   * @param id the id that Kafka gave the topic when it was created
   */
  String noteTopicId(String topic, String id) throws IOException;

  /** Returns where the note of a topic's id is, for messages. */
  String topicIdLocation(String topic);

  /**
   * Claims all of these homes together, which excludes other processes that call this method. The
   * homes of single partitions are claimed separately.
   *
   * @param timeout how long to wait for another owner to release them
   * @throws HomeClaimedException if another owner has them, and did not release them in time
   */
  Claim claim(Duration timeout) throws IOException;
}
