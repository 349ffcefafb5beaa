package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/walstrata} as a user calls it. */
class LauncherIT {
  private static final Path LAUNCHER = Path.of("bin/walstrata").toAbsolutePath();
  private static final Path BUILT =
      Path.of(System.getProperty("walstrata.distribution")).toAbsolutePath();
  private static final Map<String, String> AS_BUILT = Map.of("WALSTRATA_BUILD", "never");

  @TempDir Path directory;
  private Path elsewhere;

  @BeforeEach
  void makeADirectoryWithBlanks() throws IOException {
    elsewhere = Files.createDirectories(directory.resolve("some where/else"));
  }

  private record Outcome(int status, String out, String err) {}

  private Process start(Path launcher, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("WALSTRATA_"));
    builder.environment().putAll(environment);
    builder.redirectOutput(directory.resolve("out").toFile());
    builder.redirectError(directory.resolve("err").toFile());
    return builder.start();
  }

  private Outcome run(Path launcher, Map<String, String> environment, String... args)
      throws Exception {
    Process process = start(launcher, environment, args);
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("did not end: " + err());
    }
    return new Outcome(process.exitValue(), Files.readString(directory.resolve("out")), err());
  }

  private String err() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  @Test
  void help_fromAnyDirectory() throws Exception {
    Outcome outcome = run(LAUNCHER, AS_BUILT, "--help");
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.out()).startsWith("Usage: walstrata").contains("run", "get", "layer");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void version_isTheJars_throughAChainOfLinks() throws Exception {
    Path first = Files.createSymbolicLink(directory.resolve("first"), LAUNCHER);
    Path second =
        Files.createSymbolicLink(elsewhere.resolve("second"), elsewhere.relativize(first));
    Outcome outcome = run(second, AS_BUILT, "--version");
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.out()).matches("(?s)walstrata [0-9]+\\..*");
  }

  @Test
  void unknownSetting_isRefusedByName_andBlanksInArgumentsAreKept() throws Exception {
    Files.writeString(elsewhere.resolve("a file.properties"), "wal.topic=x\n");
    Outcome outcome = run(LAUNCHER, AS_BUILT, "run", "--config", "a file.properties");
    assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(outcome.err()).contains("name=wal.topic, did you mean wal.topics?");
  }

  @Test
  void javaOptions_reachTheJvm() throws Exception {
    Outcome outcome =
        run(
            LAUNCHER,
            Map.of("WALSTRATA_BUILD", "never", "JAVA_OPTS", "-showversion -XX:+UseParallelGC"),
            "--version");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.err()).contains("Runtime Environment");
  }

  @Test
  void image_hasNoSources_andNeedsNone() throws Exception {
    Path image = Files.createDirectories(directory.resolve("opt/walstrata"));
    Path launcher = copyTo(image.resolve("bin"));
    Files.createSymbolicLink(image.resolve("lib"), BUILT.resolve("lib"));
    assertThat(run(launcher, Map.of(), "--version").status()).isZero();

    Path alone = copyTo(directory.resolve("alone/bin"));
    Outcome lost = run(alone, Map.of(), "--version");
    assertThat(lost.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(lost.err()).contains("set WALSTRATA_HOME");
    assertThat(run(alone, Map.of("WALSTRATA_HOME", BUILT.toString()), "--version").status())
        .isZero();
  }

  private static Path copyTo(Path bin) throws IOException {
    return Files.copy(LAUNCHER, Files.createDirectories(bin).resolve("walstrata"));
  }

  @Test
  void distribution_hasEachArtifactOnce() throws IOException {
    for (String folder : List.of("lib", "demo/broker")) {
      Map<String, List<String>> jars = new TreeMap<>();
      try (Stream<Path> files = Files.list(BUILT.resolve(folder))) {
        for (Path file : files.toList()) {
          String jar = String.valueOf(file.getFileName());
          jars.computeIfAbsent(jar.replaceFirst("-[0-9][^-]*", ""), j -> new ArrayList<>())
              .add(jar);
        }
      }
      assertThat(jars).as(folder).hasSizeGreaterThan(20);
      assertThat(jars.values()).as(folder).allMatch(each -> each.size() == 1);
    }
  }

  /** The step of the build that makes room for its jars, alone, on a distribution of others. */
  @Test
  void build_deletesTheJarsOfAnOlderOne_andWhatServersHaveUnpackedStays() throws Exception {
    Path older = directory.resolve("older");
    Path lib = Files.createDirectories(older.resolve("lib")).resolve("kafka-clients-3.9.0.jar");
    Path broker =
        Files.createDirectories(older.resolve("demo/broker")).resolve("kafka_2.13-3.9.0.jar");
    Path postgres = older.resolve("demo/postgres.jar");
    Path unpacked =
        Files.createDirectories(older.resolve("demo/registry-1")).resolve("registry.jar");
    for (Path each : List.of(lib, broker, postgres, unpacked)) {
      Files.createFile(each);
    }
    Process maven =
        new ProcessBuilder(
                "mvn",
                "-B",
                "-q",
                "--offline",
                "clean:clean@distribution-jars",
                "-Ddistribution=" + older)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();
    assertThat(maven.waitFor()).as(Files.readString(directory.resolve("out"))).isZero();
    assertThat(lib).doesNotExist();
    assertThat(broker).doesNotExist();
    assertThat(postgres).doesNotExist();
    assertThat(unpacked).exists();
    assertThat(BUILT.resolve("lib")).isNotEmptyDirectory();
  }

  @Test
  void javaAbsent_saysWhatToInstall() throws Exception {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    for (String tool : List.of("bash", "dirname", "readlink", "env")) {
      Files.createSymbolicLink(bin.resolve(tool), onPath(tool));
    }
    Outcome outcome =
        run(
            LAUNCHER,
            Map.of("WALSTRATA_BUILD", "never", "PATH", bin.toString(), "JAVA_HOME", ""),
            "--help");
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err()).contains("java not found: install a JDK 17 or newer");
  }

  @Test
  void javaTooOld_saysWhichAndWhere() throws Exception {
    Path home = directory.resolve("jdk8");
    Files.createDirectories(home.resolve("bin"));
    Files.createSymbolicLink(home.resolve("bin/java"), onPath("true"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"1.8.0_402\"\n");
    // What the link points to counts, so the fake has to be a file.
    Files.delete(home.resolve("bin/java"));
    script(home.resolve("bin/java"), "exit 0");
    Outcome outcome =
        run(LAUNCHER, Map.of("WALSTRATA_BUILD", "never", "JAVA_HOME", home.toString()), "--help");
    assertThat(outcome.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(outcome.err()).contains("Java 8 is too old", home.toString());
  }

  private static Path onPath(String tool) {
    for (String directory : System.getenv("PATH").split(":", -1)) {
      Path candidate = Path.of(directory, tool);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new AssertionError("not on the PATH: " + tool);
  }

  private static Path script(Path file, String... lines) throws IOException {
    Files.writeString(file, "#!/usr/bin/env bash\n" + String.join("\n", lines) + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  @Test
  void sourceTree_isBuiltWhenItMustBe_andOnlyThen() throws Exception {
    Path root = directory.resolve("tree");
    Path launcher = copyTo(root.resolve("ingest-app/bin"));
    Files.writeString(root.resolve("ingest-app/pom.xml"), "<project/>");
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Path source =
        Files.createDirectories(root.resolve("layer-store/src/main/java")).resolve("A.java");
    Files.writeString(source, "class A {}");
    Path target = root.resolve("ingest-app/target/walstrata");
    Path mvn =
        script(
            directory.resolve("mvn"),
            "echo \"$*\" >>" + quoted(directory.resolve("built")),
            "mkdir -p " + quoted(target.resolve("demo")),
            "touch " + quoted(target.resolve("demo/postgres.jar")),
            "[ -e "
                + quoted(target.resolve("lib"))
                + " ] || ln -s "
                + quoted(BUILT.resolve("lib"))
                + " "
                + quoted(target.resolve("lib")));
    Map<String, String> environment = Map.of("MVN", mvn.toString());

    Outcome first = run(launcher, environment, "--version");
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.err()).contains("building with Maven", "built in ");
    assertThat(builds())
        .hasSize(1)
        .first()
        .asString()
        .contains("-Dmaven.test.skip=true", "package");

    assertThat(run(launcher, environment, "--version").err()).isEmpty();
    assertThat(builds()).hasSize(1);

    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
    assertThat(run(launcher, environment, "--version").status()).isZero();
    assertThat(builds()).hasSize(2);

    run(launcher, Map.of("MVN", mvn.toString(), "WALSTRATA_BUILD", "never"), "--version");
    assertThat(builds()).hasSize(2);

    script(directory.resolve("mvn"), "echo '[ERROR] no such thing'", "exit 1");
    Outcome failed = run(launcher, environment, "--version");
    assertThat(failed.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(failed.err()).contains("no such thing", "the build failed", "walstrata-build.log");

    Outcome without = run(launcher, Map.of("MVN", "no-such-mvn"), "--version");
    assertThat(without.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(without.err()).contains("needs Maven");
  }

  private static String quoted(Path path) {
    return "'" + path + "'";
  }

  private List<String> builds() throws IOException {
    return Files.readAllLines(directory.resolve("built"));
  }

  @Test
  void signal_endsTheJvmItself() throws Exception {
    Process process =
        start(
            LAUNCHER,
            AS_BUILT,
            "run",
            "--bootstrap.servers=127.0.0.1:1",
            "--schema.registry.url=mock://none",
            "--wal.topics=wal",
            "--layers.home=layers",
            "--http.port=0",
            "--startup.timeout.ms=600000");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!err().contains("listening: url=http://127.0.0.1:") && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertThat(err()).contains("listening: url=http://127.0.0.1:");
    assertThat(process.descendants()).isEmpty();
    process.destroy();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 15);
  }
}
