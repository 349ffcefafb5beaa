package io.walstrata.harness.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What results depend on, for those who read them. */
final class Facts {
  private static final String UNKNOWN = "unknown";

  private Facts() {}

  /**
   * @param directory where the data goes
   */
  static Map<String, String> collect(Path directory) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("commit", commit());
    facts.put(
        "java",
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
    facts.put("java_options", options());
    facts.put("collector", collectors());
    facts.put("heap_mib", String.valueOf(Runtime.getRuntime().maxMemory() >> 20));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("cpu", Runtime.getRuntime().availableProcessors() + " x " + cpuModel());
    facts.put("memory_mib", String.valueOf(Machine.memoryBytes() >> 20));
    facts.put("load_average", String.valueOf(Machine.loadAverage()));
    FileStore store = Files.getFileStore(directory);
    facts.put("file_system", store.type() + " on " + store.name());
    return facts;
  }

  /** Returns the options of this JVM, without those that name the directory of the program. */
  private static String options() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-Dwalstrata.distribution="))
        .collect(Collectors.joining(" "));
  }

  private static String collectors() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .map(GarbageCollectorMXBean::getName)
        .collect(Collectors.joining(", "));
  }

  private static String cpuModel() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(System.getProperty("os.arch", UNKNOWN));
    } catch (IOException e) {
      return System.getProperty("os.arch", UNKNOWN);
    }
  }

  /** The commit of the source tree that the distribution was built in, if it is in one. */
  private static String commit() {
    String distribution = System.getProperty("walstrata.distribution");
    if (distribution == null) {
      return UNKNOWN;
    }
    List<String> command =
        List.of("git", "-C", distribution, "describe", "--always", "--dirty", "--abbrev=12");
    try {
      Process git =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (BufferedReader answer = git.inputReader()) {
        String line = answer.readLine();
        return git.waitFor() == 0 && line != null ? line : UNKNOWN;
      }
    } catch (IOException e) {
      return UNKNOWN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }
}
