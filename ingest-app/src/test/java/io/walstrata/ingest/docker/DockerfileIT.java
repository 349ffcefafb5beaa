package io.walstrata.ingest.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.harness.servers.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Dockerfile's instructions, done without Docker: what it copies is there, what it runs runs,
 * in directories that stand for the stages' file systems.
 */
class DockerfileIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private final Dockerfile file = Dockerfile.read(Path.of("Dockerfile"));

  @TempDir Path directory;

  DockerfileIT() throws IOException {}

  /** Copies as COPY does: of a directory its content, without what .dockerignore names. */
  private static void copy(Path from, Path to) throws IOException {
    assertThat(from).exists();
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Path relative = from.relativize(each);
        boolean isIgnored =
            Stream.iterate(relative, p -> p != null, Path::getParent)
                .anyMatch(p -> p.endsWith("target"));
        if (!isIgnored && Files.isRegularFile(each)) {
          Path target = each.equals(from) ? to : to.resolve(relative);
          Files.createDirectories(target.getParent());
          Files.copy(each, target);
        }
      }
    }
  }

  /** Does the COPY instructions of a stage, but those from other stages. */
  private void copyContext(int stage, Path workDirectory) throws IOException {
    for (Dockerfile.Instruction each : file.all("COPY")) {
      List<String> words = new ArrayList<>(List.of(each.arguments().split(" ", -1)));
      if (each.stage() != stage || words.get(0).startsWith("--from=")) {
        continue;
      }
      String target = words.remove(words.size() - 1);
      for (String source : words) {
        Path from = ROOT.resolve(source);
        Path to = workDirectory.resolve(target.replaceFirst("^/", "")).normalize();
        boolean isInside = Files.isRegularFile(from) && (target.endsWith("/"));
        copy(from, isInside ? to.resolve(from.getFileName()) : to);
      }
    }
  }

  private String run(Path in, Map<String, String> environment, List<String> command)
      throws Exception {
    Path out = directory.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("WALSTRATA_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(out)).isZero();
    return Files.readString(out);
  }

  /** What the build stage copies is all that Maven needs, and takes the flags. */
  @Test
  void buildStage_mavenReadsTheProject_fromWhatIsCopied() throws Exception {
    Path source = directory.resolve("src");
    copyContext(0, source);
    String build = file.only("RUN", "mvn ");
    assertThat(build).endsWith(" package");
    String said =
        run(
            source,
            Map.of("MAVEN_ARGS", ""),
            List.of("bash", "-c", build.replaceFirst("package$", "--offline validate")));
    assertThat(said).contains("Walstrata ingest app", "BUILD SUCCESS");
  }

  @Test
  void laterStages_takeFromTheBuildWhatABuildMakes() {
    Path built = Distribution.locate().root();
    List<String> taken =
        file.all("COPY").stream()
            .map(Dockerfile.Instruction::arguments)
            .filter(each -> each.startsWith("--from=build "))
            .map(each -> each.split(" ", -1)[1])
            .toList();
    assertThat(taken).hasSize(1);
    for (String each : taken) {
      assertThat(each).startsWith("/src/ingest-app/target/walstrata/");
      assertThat(built.resolve(each.substring("/src/ingest-app/target/walstrata/".length())))
          .isDirectory();
    }
    List<String> stages = file.all("FROM").stream().map(Dockerfile.Instruction::arguments).toList();
    assertThat(stages).anyMatch(each -> each.endsWith(" AS build"));
  }

  @Test
  void image_startsWithItsEntryPoint_asTheUserItMakes() throws Exception {
    Path image = imageWithLib();
    List<String> command = new ArrayList<>(file.last("ENTRYPOINT").words());
    command.addAll(file.last("CMD").words());
    String said = runInImage(image, command);
    assertThat(said).startsWith("Usage: walstrata");
    assertThat(file.only("RUN", "groupadd")).contains("--uid 10001", "--gid 10001");
    assertThat(file.last("USER").arguments()).isEqualTo("walstrata");
    assertThat(image.resolve("opt/walstrata/bin/" + file.last("HEALTHCHECK").words().get(0)))
        .isExecutable();
  }

  private Path imageWithLib() throws IOException {
    Path image = directory.resolve("image");
    copyContext(1, image);
    copy(Distribution.locate().root().resolve("lib"), image.resolve("opt/walstrata/lib"));
    return image;
  }

  /** With the PATH of the image's ENV before this machine's. */
  private String runInImage(Path image, List<String> command) throws Exception {
    String path =
        file.last("ENV")
            .arguments()
            .replaceFirst("^PATH=", image.toString())
            .replace("$PATH", System.getenv("PATH"));
    List<String> words = new ArrayList<>(List.of("env", "PATH=" + path));
    words.addAll(command);
    return run(image, Map.of("JAVA_HOME", System.getProperty("java.home")), words);
  }
}
