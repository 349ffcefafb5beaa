package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.walstrata.layerstore.testkit.ManyLayers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads of many more layers than a process may open files, in several stores. */
@Timeout(300)
class FewFilesTest {
  private static final Path SHELL = Path.of("/bin/sh");

  @TempDir Path directory;

  @Test
  void layersOfSeveralStores_areReadByAProcessOf1024Files() throws Exception {
    assumeTrue(Files.isExecutable(SHELL));
    int stores = 3;
    int layers = Scale.of("layers of each of " + stores + " stores", 1_000, 10_000);
    List<String> command =
        new ArrayList<>(
            List.of(
                SHELL.toString(),
                "-c",
                "ulimit -S -n 1024 && ulimit -H -n 1024 && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                FewFilesMain.class.getName(),
                Integer.toString(layers)));
    for (int number = 0; number < stores; number++) {
      Path home = directory.resolve("home-" + number);
      ManyLayers.write(home, FewFilesMain.TIMELINE, layers);
      command.add(home.toString());
    }
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status;
    try {
      status = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    assertThat(status).as(Files.readString(output)).isZero();
    assertThat(Files.readString(output)).contains("all layers were read: stores=" + stores);
  }
}
