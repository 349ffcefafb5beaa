package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.internal.file.LocalFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Homes in a local directory: {@code <topic>/<partition>}, and {@code <topic>/topic.id}. */
public final class LocalLayerHomes implements LayerHomes {
  private static final String TOPIC_ID = "topic.id";

  private final Path directory;

  /**
   * @param directory the directory of all topics
   */
  public LocalLayerHomes(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  private Path topicDirectory(String topic) {
    return directory.resolve(topic);
  }

  @Override
  public String location(String topic) {
    return topicDirectory(topic).toString();
  }

  @Override
  public LayerHome home(String topic, int partition, Duration claimTimeout) {
    return new LocalLayerHome(
        topicDirectory(topic).resolve(Integer.toString(partition)), claimTimeout);
  }

  @Override
  public String noteTopicId(String topic, String id) throws IOException {
    return LocalFiles.noted(topicDirectory(topic).resolve(TOPIC_ID), id + System.lineSeparator())
        .strip();
  }

  @Override
  public String topicIdLocation(String topic) {
    return topicDirectory(topic).resolve(TOPIC_ID).toString();
  }

  @Override
  public Claim claim(Duration timeout) throws IOException {
    LocalFiles.getWithFileName(directory, () -> Files.createDirectories(directory));
    return DirectoryLock.await(directory, timeout);
  }
}
