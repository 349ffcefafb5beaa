package io.walstrata.postgres.redo;

import io.walstrata.harness.servers.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/** Runs a {@link SqlScript} on a new server of its own and leaves the log. Not thread-safe. */
final class RedoWorkload implements AutoCloseable {
  private final SqlScript script;
  private final PostgresServer server;
  private final Map<String, Connection> sessions = new LinkedHashMap<>();
  private String current = "main";
  private String firstSegment = "";
  private @Nullable OnlineBackup backup;

  RedoWorkload(SqlScript script, PostgresServer server) {
    this.script = script;
    this.server = server;
    configure(server);
    configure(server, script);
    for (SqlScript.Step step : script.steps()) {
      if (step.directive().equals("initdb")) {
        server.withInitdbArgument(step.text());
      } else if (!step.directive().equals("setting")) {
        break;
      }
    }
  }

  /** Sets what scripts rely on. */
  static void configure(PostgresServer server) {
    server
        .withSetting("full_page_writes", "on")
        .withSetting("autovacuum", "off")
        .withSetting("max_prepared_transactions", "20")
        .withSetting("wal_keep_size", "8GB")
        .withSetting("min_wal_size", "80MB")
        .withSetting("max_wal_size", "4GB")
        .withSetting("checkpoint_timeout", "1h")
        .withSetting("lock_timeout", "10s")
        .withSetting("shared_buffers", "64MB")
        .withSetting("allow_in_place_tablespaces", "on");
  }

  /** Sets what a script sets before its first statement. */
  static void configure(PostgresServer server, SqlScript script) {
    for (SqlScript.Step step : script.steps()) {
      if (step.directive().equals("setting")) {
        setting(server, step.text());
      } else if (!step.directive().equals("initdb")) {
        break;
      }
    }
  }

  /** Returns a script of the test resources by its name, or a file's if the name is a path. */
  static SqlScript script(String name) throws IOException {
    if (name.contains("/") || name.endsWith(".sql")) {
      return SqlScript.parse(Files.readString(Path.of(name)));
    }
    try (InputStream in = RedoWorkload.class.getResourceAsStream("/redo/" + name + ".sql")) {
      if (in == null) {
        throw new IllegalArgumentException("no such script in the test resources: redo/" + name);
      }
      return SqlScript.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** Makes the server add to each record the pages as they are after it. */
  RedoWorkload withImagesToCompare() {
    server.withSetting("wal_consistency_checking", "all");
    return this;
  }

  /**
   * Starts the server, stops it, copies its data, and starts it again.
   *
   * @param target a directory that does not exist
   */
  void copyBase(Path target) throws IOException {
    server.start();
    server.stop();
    FileUtils.copyDirectory(server.dataDirectory().toFile(), target.toFile());
    server.start();
  }

  /**
   * Starts the server, and makes the script's backup.
   *
   * @param target a directory that does not exist
   */
  void backUpTo(Path target) {
    server.start();
    backup = new OnlineBackup(server.dataDirectory(), target);
  }

  /** Starts the server if it does not run, and runs the whole script. */
  void run() throws SQLException, IOException {
    if (!server.isRunning()) {
      server.start();
    }
    boolean mustFail = false;
    int times = 1;
    for (SqlScript.Step step : script.steps()) {
      switch (step.directive()) {
        case "" -> {
          for (int i = 0; i < times; i++) {
            execute(step, mustFail);
          }
          mustFail = false;
          times = 1;
        }
        case "fails" -> mustFail = true;
        case "repeat" -> times = Integer.parseInt(step.text());
        case "setting" -> setting(server, step.text());
        case "initdb" -> {}
        case "log" -> startLog();
        case "backup" -> {
          if (backup != null) {
            backup.step(step.text(), session("backup", "postgres"));
          }
        }
        case "session" -> open(step.text());
        case "close" -> closeSession(step.text());
        case "restart" -> restart(/* crash= */ false);
        case "crash" -> restart(/* crash= */ true);
        default ->
            throw new IllegalArgumentException(
                "no such directive: line=" + step.line() + ", directive=" + step.directive());
      }
    }
    closeSessions();
  }

  /** Begins a new segment, and logs whole pages from there on. */
  private void startLog() throws SQLException {
    try (Statement statement = session("main", "postgres").createStatement()) {
      statement.execute("SELECT pg_switch_wal()");
      statement.execute("CHECKPOINT");
      try (ResultSet name =
          statement.executeQuery("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")) {
        name.next();
        firstSegment = name.getString(1);
      }
    }
  }

  private static void setting(PostgresServer server, String assignment) {
    int equals = assignment.indexOf('=');
    server.withSetting(assignment.substring(0, equals), assignment.substring(equals + 1));
  }

  private void execute(SqlScript.Step step, boolean mustFail) throws SQLException {
    try (Statement statement = session(current, "postgres").createStatement()) {
      statement.execute(step.text());
    } catch (SQLException e) {
      if (mustFail) {
        return;
      }
      throw new SQLException("statement failed: line=" + step.line() + ": " + step.text(), e);
    }
    if (mustFail) {
      throw new SQLException("statement did not fail: line=" + step.line() + ": " + step.text());
    }
  }

  private void open(String arguments) throws SQLException {
    String[] parts = arguments.split("\\s+");
    current = parts[0];
    session(current, parts.length > 1 ? parts[1] : "postgres");
  }

  private Connection session(String name, String database) throws SQLException {
    Connection open = sessions.get(name);
    if (open == null) {
      String url = server.jdbcUrl().replace("/postgres?", "/" + database + "?");
      open = DriverManager.getConnection(url + "&preferQueryMode=simple");
      sessions.put(name, open);
    }
    return open;
  }

  private void closeSession(String name) throws SQLException {
    Connection open = sessions.remove(name);
    if (open != null) {
      open.close();
    }
  }

  private void restart(boolean crash) throws SQLException {
    if (crash) {
      server.kill();
    }
    closeSessions();
    server.stop();
    server.start();
  }

  private void closeSessions() throws SQLException {
    for (String name : List.copyOf(sessions.keySet())) {
      closeSession(name);
    }
    current = "main";
  }

  /** Stops the server and copies the segments of its log. */
  void copyLog(Path target) throws IOException {
    server.stop();
    Files.createDirectories(target);
    try (DirectoryStream<Path> segments =
        Files.newDirectoryStream(server.dataDirectory().resolve("pg_wal"), "[0-9A-F]*[0-9A-F]")) {
      for (Path segment : segments) {
        if (segment.getFileName().toString().compareTo(firstSegment) >= 0) {
          Files.copy(segment, target.resolve(segment.getFileName()));
        }
      }
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
