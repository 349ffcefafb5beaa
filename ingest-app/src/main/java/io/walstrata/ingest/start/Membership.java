package io.walstrata.ingest.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Gives an instance a name in its consumer group that outlives its process (static membership): one
 * that was killed and starts again takes its own place and its partitions at once, where a member
 * without name would wait until the group removes the dead one.
 */
public final class Membership {
  /*
   * The name is in the instance's directory below the state directory, which Kafka Streams locks:
   * two processes cannot use it at once, so there are never two of one name. The layers' home would
   * be the wrong place: people copy it. If the state directory is lost, so is the name, and the
   * restart waits for `session.timeout.ms`, once.
   */
  private static final String FILE = "group.instance.id";

  private Membership() {}

  /**
   * Sets {@code group.instance.id}, unless it is set or cannot be: the broker-side protocol has no
   * static members.
   *
   * @param directory the instance's own below the state directory
   */
  public static void name(Properties settings, Path directory) throws IOException {
    String name = StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    boolean isSet =
        settings.stringPropertyNames().stream()
            .anyMatch(each -> each.endsWith(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG));
    boolean isClassic =
        settings
            .getProperty(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic")
            .equalsIgnoreCase("classic");
    if (!isSet && isClassic) {
      settings.put(name, read(directory));
    }
  }

  private static String read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try {
      String known = Files.readString(file).strip();
      if (!known.isEmpty()) {
        return known;
      }
    } catch (NoSuchFileException e) {
      // The first start.
    }
    String made = UUID.randomUUID().toString();
    Files.createDirectories(directory);
    Path temporary = Files.createTempFile(directory, FILE, ".temp");
    try {
      Files.writeString(temporary, made + "\n");
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return made;
  }
}
