package io.walstrata.ingest;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.io.LocalLayerHome;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares layers with their topics before the job starts: refuses to go on where the topic has
 * lost what the layers do not cover yet, and where it is another topic than the one they were made
 * from.
 */
final class HistoryCheck {
  /*
   * Kafka's clients would paper over both. A consumer whose offset is gone starts at the first one
   * there is, and of a topic that was made anew the store would skip the offsets that its layers
   * cover, although they are other records.
   *
   * A topic made anew is told by its id, kept in a file beside the partitions' directories, and
   * without that (layers from before, a copied directory) by an end below the freeze point.
   */
  private static final Logger LOG = LoggerFactory.getLogger(HistoryCheck.class);

  private static final String TOPIC_ID_FILE = "topic.id";

  private final Path layersHome;
  private final Admin admin;

  HistoryCheck(Path layersHome, Admin admin) {
    this.layersHome = layersHome;
    this.admin = admin;
  }

  /**
   * @throws StartupException naming topic, partition, the offsets, and what to do
   */
  void run(Map<String, TopicDescription> topics) throws StartupException, InterruptedException {
    List<String> faults = new ArrayList<>();
    for (TopicDescription topic : topics.values()) {
      try {
        checkId(topic, faults);
        checkOffsets(topic, faults);
      } catch (IOException e) {
        throw new StartupException(
            "cannot use the layers' home: topic="
                + topic.name()
                + ", layers.home="
                + layersHome
                + ", error="
                + e,
            e);
      } catch (ExecutionException e) {
        throw new StartupException(
            "cannot read the topic's offsets: topic=" + topic.name() + ", error=" + e.getCause(),
            e.getCause());
      }
    }
    if (!faults.isEmpty()) {
      throw new StartupException(String.join("; ", faults));
    }
  }

  private void checkId(TopicDescription topic, List<String> faults) throws IOException {
    Path directory = layersHome.resolve(topic.name());
    Path file = directory.resolve(TOPIC_ID_FILE);
    String id = topic.topicId().toString();
    try {
      String known = Files.readString(file).strip();
      if (!known.equals(id)) {
        faults.add(
            "the topic was deleted and made anew, or is on another cluster; its records are not"
                + " those of the layers. Move the directory away to start anew, or, if this is a"
                + " copy with the same offsets, delete the file: topic="
                + topic.name()
                + ", id="
                + id
                + ", layersId="
                + known
                + ", directory="
                + directory
                + ", file="
                + file);
      }
    } catch (NoSuchFileException e) {
      writeId(directory, file, id);
    }
  }

  /** Another instance on the same directory may do the same at the same time. */
  private static void writeId(Path directory, Path file, String id) throws IOException {
    Files.createDirectories(directory);
    Path temporary = Files.createTempFile(directory, TOPIC_ID_FILE, ".temp");
    try {
      Files.writeString(temporary, id + System.lineSeparator());
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException e) {
      LOG.debug("another instance wrote it: file={}", file, e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void checkOffsets(TopicDescription topic, List<String> faults)
      throws IOException, ExecutionException, InterruptedException {
    Map<TopicPartition, Long> starts = offsets(topic, OffsetSpec.earliest());
    Map<TopicPartition, Long> ends = offsets(topic, OffsetSpec.latest());
    for (Map.Entry<TopicPartition, Long> each : starts.entrySet()) {
      TopicPartition partition = each.getKey();
      Path home = layersHome.resolve(topic.name()).resolve(Integer.toString(partition.partition()));
      OptionalLong durable = durableOffset(home);
      long start = each.getValue();
      long end = ends.getOrDefault(partition, 0L);
      String where = "topic=" + topic.name() + ", partition=" + partition.partition();
      if (durable.isEmpty()) {
        if (start > 0) {
          LOG.warn(
              "history starts where the topic does, older records are gone from it: {}, offset={}",
              where,
              start);
        }
      } else if (start > durable.getAsLong() + 1) {
        faults.add(gap(where, durable.getAsLong(), start, home));
      } else if (end <= durable.getAsLong()) {
        faults.add(
            "the topic ends below the freeze point of its layers, so it was deleted and made anew"
                + " or has lost records. Bring the topic back, or move the directory away to start"
                + " anew: "
                + where
                + ", topicEndOffset="
                + end
                + ", freezePoint="
                + durable.getAsLong()
                + ", directory="
                + home);
      }
    }
  }

  private static String gap(String where, long durable, long start, Path home) {
    return "the topic no longer has records that the layers lack, history would have a hole. Bring"
        + " the records back, or move the directory away to start anew where the topic does: "
        + where
        + ", missingOffsets="
        + (durable + 1)
        + ".."
        + (start - 1)
        + ", freezePoint="
        + durable
        + ", topicStartOffset="
        + start
        + ", directory="
        + home;
  }

  private Map<TopicPartition, Long> offsets(TopicDescription topic, OffsetSpec spec)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> request = new HashMap<>();
    topic
        .partitions()
        .forEach(each -> request.put(new TopicPartition(topic.name(), each.partition()), spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> each :
        admin.listOffsets(request).all().get().entrySet()) {
      offsets.put(each.getKey(), each.getValue().offset());
    }
    return offsets;
  }

  private static OptionalLong durableOffset(Path home) throws IOException {
    if (!Files.isDirectory(home)) {
      return OptionalLong.empty();
    }
    Path scratch = Files.createTempDirectory("walstrata-check");
    try (LayerStore store =
        LayerStore.open(new LocalLayerHome(home), scratch, LayerStoreOptions.DEFAULTS)) {
      return store.durableOffset();
    } finally {
      deleteFlat(scratch);
    }
  }

  /** Nothing is put into the store, so nothing but an empty file can be there. */
  private static void deleteFlat(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}
