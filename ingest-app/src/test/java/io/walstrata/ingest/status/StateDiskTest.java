package io.walstrata.ingest.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.internals.StateDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDiskTest {
  @TempDir Path folder;

  /** In words that are not Kafka's: it is recognized by the directory. */
  private static Throwable noDirectory(Path folder, String task) {
    return new StreamsException(
        new ProcessorStateException("there is no [" + folder.resolve(task) + "] to be had"));
  }

  /** Kafka Streams itself: its message must have the path by which the failure is recognized. */
  @Test
  void directoryThatKafkaCannotMake_isNamedByItsMessage() throws Exception {
    StreamsConfig config =
        new StreamsConfig(
            Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                "job",
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                "localhost:1",
                StreamsConfig.STATE_DIR_CONFIG,
                folder.toString()));
    StateDirectory state =
        new StateDirectory(
            config, Time.SYSTEM, /* hasPersistentStores= */ true, /* hasNamedTopologies= */ false);
    Path instance = folder.resolve("job");
    FileUtils.deleteDirectory(instance.toFile());
    Files.createFile(instance); // nothing can be made below a file
    Throwable failure = catchThrowable(() -> state.getOrCreateDirectoryForTask(new TaskId(0, 1)));
    Files.delete(instance);
    Files.createDirectory(instance);
    assertThat(failure).isInstanceOf(ProcessorStateException.class).hasNoCause();
    assertThat(new StateDisk(instance).failure(failure).orElseThrow())
        .contains("try=1", instance + "/0_1");
  }

  @Test
  void diskThatCannotBeWritten_isReported() throws Exception {
    Path file = Files.createFile(folder.resolve("file")); // nothing can be made below a file
    assertThat(new StateDisk(file).failure(noDirectory(file, "0_1")).orElseThrow())
        .contains("state.dir cannot be written", file.toString());
  }

  @Test
  void diskThatCanBeWrittenAgain_isRetriedSomeTimesInARow() {
    StateDisk disk = new StateDisk(folder);
    for (int round = 0; round < 2; round++) {
      for (int tried = 1; tried <= StateDisk.MOST_TRIES; tried++) {
        assertThat(disk.failure(noDirectory(folder, "0_1")).orElseThrow())
            .contains("try=" + tried, folder + "/0_1");
      }
      assertThat(disk.failure(noDirectory(folder, "0_1"))).as("too often").isEmpty();
      assertThat(disk.failure(noDirectory(folder, "0_2"))).as("counted for itself").isPresent();
      disk.recovered();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anotherFailure_isNone() throws Exception {
    assertThat(new StateDisk(folder).failure(new ProcessorStateException("is locked"))).isEmpty();
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(
            new StateDisk(file)
                .failure(new ProcessorStateException("damaged", new IOException("checksum"))))
        .isEmpty();
  }
}
