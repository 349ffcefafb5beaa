package io.walstrata.layerstore.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFailuresTest {
  @TempDir Path folder;

  private static IOException making(Path directory) {
    return catchThrowableOfType(IOException.class, () -> Files.createDirectories(directory));
  }

  @Test
  void fullDisk_orOneThatIsAway_mayPass() {
    assertThat(DiskFailures.mayPass(new FileSystemException("/x", null, "No space left"))).isTrue();
    assertThat(DiskFailures.mayPass(new NoSuchFileException("/mnt/x"))).isTrue();
  }

  @Test
  void mistakesInTheSetup_stay() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(DiskFailures.mayPass(making(file))).as("a file in its place").isFalse();
    assertThat(DiskFailures.mayPass(making(file.resolve("below/it")))).as("below").isFalse();
    assertThat(DiskFailures.mayPass(making(folder.resolve("n".repeat(300))))).as("name").isFalse();
    assertThat(DiskFailures.mayPass(new AccessDeniedException("/x"))).isFalse();
    assertThat(DiskFailures.mayPass(new IOException("no failure of a file"))).isFalse();
  }
}
