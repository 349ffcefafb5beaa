package io.walstrata.ingest.cli;

import io.walstrata.ingest.config.NearestName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the log looks, from the environment: {@code WALSTRATA_LOG_LEVEL} and {@code
 * WALSTRATA_LOG_FORMAT}. With the format {@code json} all that goes to standard error is a JSON
 * object per line: the log, and why a command failed.
 */
final class LogSettings {
  /** See log4j2.properties. */
  static final String LEVEL_PROPERTY = "walstrata.log.level";

  static final String CLIENTS_LEVEL_PROPERTY = "walstrata.clients.log.level";

  private static final String CONFIGURATION = "log4j2.configurationFile";
  private static final String JSON_CONFIGURATION =
      "classpath:log4j2.properties,classpath:log4j2-json.properties";
  private static final String LEVEL = "WALSTRATA_LOG_LEVEL";
  private static final String FORMAT = "WALSTRATA_LOG_FORMAT";
  private static final List<String> LEVELS =
      List.of("off", "fatal", "error", "warn", "info", "debug", "trace", "all");
  private static final List<String> FORMATS = List.of("text", "json");

  private static final List<String> KNOWN =
      List.of(
          LEVEL,
          FORMAT,
          "WALSTRATA_BUILD",
          "WALSTRATA_CDS",
          "WALSTRATA_HOME",
          "WALSTRATA_STACKTRACE",
          "WALSTRATA_URL");

  private static volatile boolean isJson;

  private LogSettings() {}

  /**
   * Sets the system properties that the log's configuration reads. To be called before the first
   * logger is made.
   *
   * @param command the first argument; empty if there is none
   * @throws CommandFailedException if a variable has a value that there is not
   */
  static void apply(String command, Map<String, String> environment) {
    String level = value(environment, LEVEL, LEVELS, "");
    if (!level.isEmpty()) {
      System.setProperty(LEVEL_PROPERTY, level);
    } else if (command.equals("run") && System.getProperty(LEVEL_PROPERTY) == null) {
      // Other commands only warn: their output is the answer.
      System.setProperty(LEVEL_PROPERTY, "info");
    }
    if (List.of("soak", "bench").contains(command)
        && System.getProperty(CLIENTS_LEVEL_PROPERTY) == null) {
      // Brokers are killed there, and whole applications end: their clients' warnings are expected.
      System.setProperty(CLIENTS_LEVEL_PROPERTY, "error");
    }
    // The demo's log is a file for people, beside those of its servers.
    if (value(environment, FORMAT, FORMATS, "text").equals("json") && !command.equals("demo")) {
      isJson = true;
      if (System.getProperty(CONFIGURATION) == null) {
        System.setProperty(CONFIGURATION, JSON_CONFIGURATION);
      }
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, failure) -> logger().error("thread ended: name={}", thread.getName(), failure));
    }
  }

  /**
   * Returns corrections of mistyped variables. Only of those that differ from a known one by two
   * letters at most: an orchestrator sets others that begin like ours.
   */
  static List<String> mistyped(Map<String, String> environment) {
    List<String> notes = new ArrayList<>();
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith("WALSTRATA_") && !KNOWN.contains(name)) {
        KNOWN.stream()
            .filter(known -> NearestName.distance(known, name) <= 2)
            .findFirst()
            .ifPresent(
                known -> notes.add("no such variable, did you mean " + known + "?: name=" + name));
      }
    }
    return notes;
  }

  private static String value(
      Map<String, String> environment, String name, List<String> known, String standard) {
    String value = environment.getOrDefault(name, "").strip().toLowerCase(Locale.ROOT);
    if (value.isEmpty()) {
      return standard;
    }
    if (!known.contains(value)) {
      throw new CommandFailedException(
          ExitStatus.USAGE,
          "no such value, known are "
              + String.join(", ", known)
              + ": "
              + name
              + "="
              + environment.get(name));
    }
    return value;
  }

  /** Returns whether standard error is for JSON alone. */
  static boolean isJson() {
    return isJson;
  }

  /**
   * Reports why a command failed, as text or as a line of the log.
   *
   * @param failure shown with its stack trace; null for the message alone
   */
  static void report(PrintWriter err, String message, @Nullable Throwable failure) {
    if (isJson) {
      logger().error(message, failure);
      return;
    }
    err.println("walstrata: " + message);
    if (failure != null) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  /** Not a constant: the first logger must not be made before the settings are applied. */
  private static Logger logger() {
    return LoggerFactory.getLogger("io.walstrata.ingest.cli");
  }
}
