package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDiskTest {
  private static final Throwable NO_DIRECTORY =
      new StreamsException(new ProcessorStateException("task directory couldn't be created"));

  @TempDir Path folder;

  @Test
  void diskThatTakesNoDirectory_isTold() throws Exception {
    Path file = Files.createFile(folder.resolve("file")); // nothing can be made below a file
    assertThat(new StateDisk(file).failureBehind(NO_DIRECTORY).orElseThrow())
        .contains("state.dir cannot be written", file.toString());
  }

  @Test
  void diskThatIsWell_orAnotherFailure_isNone() throws Exception {
    assertThat(new StateDisk(folder).failureBehind(NO_DIRECTORY)).isEmpty();
    assertThat(folder).isEmptyDirectory();
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(
            new StateDisk(file)
                .failureBehind(new ProcessorStateException("damaged", new IOException("checksum"))))
        .isEmpty();
  }
}
