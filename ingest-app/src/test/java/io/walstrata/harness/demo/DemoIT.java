package io.walstrata.harness.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.harness.servers.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/walstrata demo} as a user runs it, from a directory of their own. */
class DemoIT {
  private static final Pattern FOLDER = Pattern.compile("lives in (\\S+) ");

  @TempDir Path elsewhere;

  @Test
  void demo_readsAPageAsOfThreeLsns_andLeavesNothing() throws Exception {
    try (Run demo = new Run(elsewhere, "--exit")) {
      assertThat(demo.awaitEnd()).as(demo.output()).isZero();
      assertThat(demo.output())
          .contains("PostgreSQL 18", "physical WAL", "INSERT+INIT", "every answer is complete")
          .doesNotContain("no PostgreSQL here", "WARN", "ERROR", "Exception");
      assertThat(demo.linesWith("  as of ")).hasSize(3);
      assertThat(demo.linesWith(" delta ").size()).isGreaterThan(2);
      assertThat(demo.output().lines().count()).isLessThanOrEqualTo(60);
      assertThat(demo.longestLine()).isLessThanOrEqualTo(120);
      demo.assertNothingLeft();
    }
  }

  @Test
  @Tag("long")
  void generatedLoad_doesTheSame() throws Exception {
    try (Run demo = new Run(elsewhere, "--source", "synthetic", "--exit")) {
      assertThat(demo.awaitEnd()).as(demo.output()).isZero();
      assertThat(demo.output())
          .contains("generated load", "every answer is complete")
          .doesNotContain("PostgreSQL 18");
      assertThat(demo.linesWith("  as of ")).hasSize(3);
      demo.assertNothingLeft();
    }
  }

  @Test
  void ctrlC_inTheMiddle_leavesNothing() throws Exception {
    Path folder = elsewhere.resolve("demo");
    try (Run demo = new Run(elsewhere, "--dir", folder.toString())) {
      demo.awaitOutput("create table account");
      demo.interrupt();
      assertThat(demo.awaitEnd()).as(demo.output()).isEqualTo(130);
      assertThat(demo.output()).doesNotContain("Exception");
      demo.assertNothingLeft();
      assertThat(folder).doesNotExist();
    }
  }

  /** One run, in a session of its own, as a terminal would give it. */
  private static final class Run implements AutoCloseable {
    private final Process process;
    private final Path out;
    private final Set<ProcessHandle> seen = ConcurrentHashMap.newKeySet();

    Run(Path directory, String... arguments) throws IOException {
      Path launcher = Distribution.locate().root().resolve("../../bin/walstrata").toRealPath();
      // A shell starts what is to run in the background with SIGINT ignored, and that is inherited.
      List<String> command =
          new ArrayList<>(
              List.of("setsid", "env", "--default-signal=INT", launcher.toString(), "demo"));
      command.addAll(List.of(arguments));
      out = directory.resolve("out");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile());
      builder.environment().put("WALSTRATA_BUILD", "never");
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      process = builder.start();
    }

    /** Waits, and writes down every process that comes by. */
    int awaitEnd() throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
      while (System.nanoTime() - deadline < 0) {
        process.descendants().forEach(seen::add);
        if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
          return process.exitValue();
        }
      }
      throw new AssertionError("the demo does not end: " + output());
    }

    void awaitOutput(String text) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
      while (!output().contains(text)) {
        process.descendants().forEach(seen::add);
        assertThat(process.isAlive()).as(output()).isTrue();
        assertThat(System.nanoTime()).as(output()).isLessThan(deadline);
        Thread.sleep(50);
      }
    }

    /** Ctrl-C: a SIGINT to the whole process group. */
    void interrupt() throws Exception {
      new ProcessBuilder("/bin/kill", "-s", "INT", "--", "-" + process.pid())
          .inheritIO()
          .start()
          .waitFor();
    }

    String output() {
      try {
        return Files.exists(out) ? Files.readString(out) : "";
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    List<String> linesWith(String text) {
      return output().lines().filter(line -> line.contains(text)).toList();
    }

    int longestLine() {
      return output().lines().mapToInt(String::length).max().orElse(0);
    }

    void assertNothingLeft() {
      // Broker, registry, at least.
      assertThat(seen).hasSizeGreaterThan(3);
      assertThat(seen).noneMatch(ProcessHandle::isAlive);
      Matcher folder = FOLDER.matcher(output());
      assertThat(folder.find()).as(output()).isTrue();
      assertThat(Path.of(folder.group(1))).doesNotExist();
    }

    @Override
    public void close() {
      seen.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
