package io.walstrata.ingest.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void harness_isLoadedByItsOwnCommands_andByThoseThatListAll() throws Exception {
    Path java = fakeJava("17");
    for (String name : List.of("demo", "bench", "soak", "help", "completion", "--help", "demoo")) {
      assertThat(javaArguments(java, "", name)).as(name).contains("ingest-app-harness.jar");
    }
    Outcome all = run(LAUNCHER, AS_BUILT, "help");
    Matcher commands = Pattern.compile("(?m)^  ([a-z]+) ").matcher(all.out());
    int count = 0;
    while (commands.find()) {
      String name = commands.group(1);
      if (!List.of("demo", "bench", "soak", "help", "completion").contains(name)) {
        assertThat(javaArguments(java, "", name)).as(name).doesNotContain("ingest-app-harness");
        count++;
      }
    }
    assertThat(count).as(all.out()).isGreaterThan(9);
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

    Outcome demo = run(launcher, Map.of(), "demo");
    assertThat(demo.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(demo.err()).contains("without the harness, which demo needs");
    assertThat(run(launcher, Map.of(), "help").out()).contains("  run ").doesNotContain("  demo ");

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
    for (String folder : List.of("lib", "harness/broker")) {
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
        Files.createDirectories(older.resolve("harness/broker")).resolve("kafka_2.13-3.9.0.jar");
    Path postgres = older.resolve("harness/postgres.jar");
    Path unpacked =
        Files.createDirectories(older.resolve("harness/registry-1")).resolve("registry.jar");
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

  /** A Java that prints its arguments. */
  private Path fakeJava(String version) throws IOException {
    Path home =
        Files.createDirectories(directory.resolve("jdk" + version).resolve("bin")).getParent();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
    script(home.resolve("bin/java"), "echo \"$@\"");
    return home;
  }

  private String javaArguments(Path java, Object cds, String... args) throws Exception {
    Outcome outcome =
        run(
            LAUNCHER,
            Map.of(
                "WALSTRATA_BUILD",
                "never",
                "JAVA_HOME",
                java.toString(),
                "WALSTRATA_CDS",
                cds.toString()),
            args);
    assertThat(outcome.status()).isZero();
    assertThat(outcome.err()).isEmpty();
    return outcome.out();
  }

  private static Path sparse(Path file, String beginning, long size) throws IOException {
    Files.writeString(file, beginning);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), size - 1);
    }
    return file;
  }

  @Test
  void classes_areWrittenByRun_andUsedByAllCommandsOfTheJob() throws Exception {
    Path java = fakeJava("25");
    Path cds = directory.resolve("cds");
    Path archive = cds.resolve("walstrata.jsa");
    assertThat(javaArguments(java, cds, "status")).doesNotContain("Archive");
    assertThat(javaArguments(java, cds, "run"))
        .contains("-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=" + archive)
        .contains("-XX:+VerifySharedSpaces", "-Dwalstrata.reserve=");
    sparse(archive, "classes", 50 << 20);
    assertThat(javaArguments(java, cds, "run")).doesNotContain("walstrata.reserve");
    assertThat(javaArguments(java, cds, "status"))
        .contains("-XX:SharedArchiveFile=" + archive, "-XX:+VerifySharedSpaces")
        .doesNotContain("AutoCreate");
    assertThat(javaArguments(java, cds, "bench", "peers")).doesNotContain("Archive");
    assertThat(javaArguments(java, cds, "run")).contains("AutoCreate");
    assertThat(archive).exists();
  }

  @Test
  void roomForClasses_isTakenAtTheStart_andFreedAtTheEnd() throws Exception {
    Path cds = directory.resolve("cds");
    Path reserve = cds.resolve("reserve");
    for (int run = 0; run < 2; run++) {
      assertThat(javaArguments(fakeJava("25"), cds, "run"))
          .contains("-Dwalstrata.reserve=" + reserve);
      assertThat(Files.size(reserve)).as("of a file of some 60 MB").isEqualTo(100_000_000);
    }
    Outcome outcome =
        run(
            LAUNCHER,
            Map.of("WALSTRATA_BUILD", "never", "JAVA_OPTS", "-Dwalstrata.reserve=" + reserve),
            "config");
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(reserve).doesNotExist();
  }

  @Test
  void classes_thatJavaCannotUse_areDeleted() throws Exception {
    Path java = fakeJava("25");
    Path cds = Files.createDirectory(directory.resolve("cds"));
    Path archive = sparse(cds.resolve("walstrata.jsa"), "", 50 << 20);
    assertThat(javaArguments(java, cds, "run")).contains("AutoCreate");
    assertThat(archive).doesNotExist();
    sparse(archive, "classes", 5 << 20);
    assertThat(javaArguments(java, cds, "status")).doesNotContain("Archive");
    assertThat(archive).doesNotExist();
  }

  @Test
  void classes_areLeftAlone_whereTheyCannotBe_orAreNotWanted() throws Exception {
    Path java = fakeJava("25");
    Path file = Files.createFile(directory.resolve("file"));
    assertThat(javaArguments(java, file.resolve("cds"), "run")).doesNotContain("Archive");
    assertThat(javaArguments(java, "", "run")).doesNotContain("Archive");
    Path cds = directory.resolve("cds");
    assertThat(javaArguments(fakeJava("17"), cds, "run")).doesNotContain("Archive");
    assertThat(cds).doesNotExist();
  }

  @Test
  void classes_areNotWritten_byAJvmThatCouldNotStartThen() throws Exception {
    for (String options : List.of("-javaagent:x.jar", "-agentlib:jdwp=transport=dt_socket")) {
      Outcome outcome =
          run(
              LAUNCHER,
              Map.of(
                  "WALSTRATA_BUILD",
                  "never",
                  "JAVA_HOME",
                  fakeJava("25").toString(),
                  "WALSTRATA_CDS",
                  directory.resolve("cds").toString(),
                  "JAVA_OPTS",
                  options),
              "run");
      assertThat(outcome.out()).contains(options).doesNotContain("Archive");
    }
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
            "mkdir -p " + quoted(target.resolve("harness")),
            "touch " + quoted(target.resolve("harness/postgres.jar")),
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

  /** The script's text is UTF-8, whatever the locale of this process. */
  private Outcome bash(String... lines) throws Exception {
    Path script = script(directory.resolve("script"), lines);
    return run(
        script,
        Map.of(
            "WALSTRATA_BUILD",
            "never",
            "LAUNCHER",
            LAUNCHER.toString(),
            "JAR",
            BUILT.resolve("lib/ingest-app.jar").toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LC_ALL=C",
        "LC_ALL=POSIX",
        "-u LC_ALL -u LC_CTYPE -u LANG",
        "-u LC_ALL -u LC_CTYPE LANG=C",
        "-u LC_ALL LC_CTYPE=C",
        "LC_ALL=xx_YY.UTF-8"
      })
  void asciiLocale_allowsAnyName(String locale) throws Exception {
    Outcome outcome =
        bash(
            "mkdir größe",
            "printf 'wal.topic=x\\n' >größe/ä.properties",
            "env " + locale + " \"$LAUNCHER\" run --config größe/ä.properties",
            "echo $?",
            "env " + locale + " \"$LAUNCHER\" layer verify größe",
            "echo $?");
    assertThat(outcome.out().lines()).containsExactly("2", "5");
    assertThat(outcome.err())
        .contains("name=wal.topic, did you mean wal.topics?")
        .contains("no layer files below: directory=größe")
        .doesNotContain("\tat ");
  }

  @Test
  void asciiLocale_ofAJvmWithoutTheLauncher_saysWhatToSet() throws Exception {
    Outcome outcome =
        bash(
            "mkdir größe",
            "for each in 'layer verify größe' 'run --config größe/x' 'run --wal.topics=a"
                + " --bootstrap.servers=127.0.0.1:1 --schema.registry.url=mock://a"
                + " --layers.home=größe'; do",
            "  LC_ALL=C \"${JAVA_HOME:+$JAVA_HOME/bin/}java\" -cp \"$JAR\""
                + " io.walstrata.ingest.cli.Main $each",
            "  echo $?",
            "done");
    assertThat(outcome.out().lines()).containsExactly("2", "2", "2");
    assertThat(outcome.err().lines())
        .hasSize(3)
        .allMatch(line -> line.contains("set LC_ALL=C.UTF-8"));
  }

  @Test
  void completion_completes() throws Exception {
    Outcome outcome =
        bash(
            "set -e",
            "\"$LAUNCHER\" completion >complete.sh",
            "bash -n complete.sh",
            "source complete.sh",
            "compopt() { :; } # only bash's own completion may call the real one",
            "complete_words() {",
            "  COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMP_LINE=\"$*\" COMP_POINT=999",
            "  COMPREPLY=()",
            "  _complete_walstrata",
            "  echo \"${COMPREPLY[@]}\"",
            "}",
            "complete_words walstrata lay",
            "complete_words walstrata layer ve",
            "complete_words walstrata layer dump --fr");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out().lines()).hasSize(3);
    assertThat(outcome.out()).contains("layer", "layers", "verify", "--from");
  }

  private static List<JsonNode> json(Outcome outcome) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : (outcome.out() + outcome.err()).lines().toList()) {
      JsonNode node = new ObjectMapper().readTree(line);
      assertThat(node.isObject()).as(line).isTrue();
      lines.add(node);
    }
    return lines;
  }

  @Test
  void logFormatJson_isAnObjectPerLine_andNothingElse() throws Exception {
    Map<String, String> environment =
        Map.of(
            "WALSTRATA_BUILD",
            "never",
            "WALSTRATA_LOG_FORMAT",
            "json",
            "WALSTRATA_STACKTRACE",
            "true");
    Outcome run =
        run(
            LAUNCHER,
            environment,
            "run",
            "--bootstrap.servers=127.0.0.1:1",
            "--schema.registry.url=mock://none",
            "--wal.topics=wal",
            "--layers.home=layers",
            "--state.dir=state",
            "--http.port=0",
            "--startup.timeout.ms=2000");
    assertThat(run.status()).as(run.err()).isEqualTo(ExitStatus.UNAVAILABLE);
    List<JsonNode> lines = json(run);
    assertThat(lines).hasSizeGreaterThan(3);
    for (JsonNode each : lines) {
      assertThat(each.fieldNames())
          .toIterable()
          .contains("@timestamp", "log.level", "message", "log.logger");
    }
    JsonNode last = lines.get(lines.size() - 1);
    assertThat(run.err()).contains("the job cannot start");
    assertThat(lines)
        .anyMatch(each -> each.path("error.stack_trace").asText().contains("StartupException"));
    assertThat(last.path("@timestamp").asText()).startsWith("20");

    Outcome wrong = run(LAUNCHER, environment, "run", "--wal.topic=x");
    assertThat(wrong.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(json(wrong)).hasSize(1);
    Outcome usage = run(LAUNCHER, environment, "produce", "nothing");
    assertThat(usage.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(json(usage)).hasSize(1);
    Outcome produce =
        run(
            LAUNCHER,
            environment,
            "produce",
            "synthetic",
            "--bootstrap.servers=127.0.0.1:1",
            "--schema.registry.url=mock://none",
            "--topic=wal",
            "--producer.max.block.ms=1000",
            "--producer.default.api.timeout.ms=1000");
    assertThat(produce.status()).as(produce.err()).isIn(ExitStatus.UNAVAILABLE, ExitStatus.USAGE);
    assertThat(json(produce)).isNotEmpty();
    Outcome unreached = run(LAUNCHER, environment, "timelines", "--url=http://127.0.0.1:1");
    assertThat(unreached.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(json(unreached)).hasSize(1);
    HttpServer job = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    byte[] no =
        "{\"code\":\"page_dropped\",\"status\":404,\"message\":\"dropped\"}".getBytes(UTF_8);
    job.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, no.length);
          exchange.getResponseBody().write(no);
          exchange.close();
        });
    job.start();
    try {
      String url = "--url=http://127.0.0.1:" + job.getAddress().getPort();
      Outcome dropped = run(LAUNCHER, environment, "get", "1.2.3.0.4", url);
      assertThat(dropped.status()).isEqualTo(ExitStatus.NO);
      assertThat(json(dropped)).singleElement().asString().contains("dropped (page_dropped)");
    } finally {
      job.stop(0);
    }
  }

  @Test
  void logVariables_areChecked() throws Exception {
    Outcome wrong =
        run(
            LAUNCHER,
            Map.of("WALSTRATA_BUILD", "never", "WALSTRATA_LOG_FORMAT", "jsno"),
            "--version");
    assertThat(wrong.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(wrong.err()).contains("text, json: WALSTRATA_LOG_FORMAT=jsno");
    Outcome mistyped =
        run(
            LAUNCHER,
            Map.of(
                "WALSTRATA_BUILD", "never", "WALSTRATA_LOGLEVEL", "debug", "WALSTRATA_PORT", "1"),
            "--version");
    assertThat(mistyped.status()).isZero();
    assertThat(mistyped.err().lines()).hasSize(1);
    assertThat(mistyped.err()).contains("did you mean WALSTRATA_LOG_LEVEL?");
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
