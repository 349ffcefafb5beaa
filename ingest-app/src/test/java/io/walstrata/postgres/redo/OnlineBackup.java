package io.walstrata.postgres.redo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/** A base backup of a running server: the copies of its files are of different times. */
final class OnlineBackup {
  private final Path data;
  private final Path target;

  /**
   * @param data of the server
   * @param target a directory that does not exist
   */
  OnlineBackup(Path data, Path target) {
    this.data = data;
    this.target = target;
  }

  /** Runs a step of {@link SqlScript}; all steps of a backup over the same connection. */
  void step(String step, Connection connection) throws SQLException, IOException {
    switch (step) {
      case "start" -> {
        try (Statement statement = connection.createStatement()) {
          statement.execute("SELECT pg_backup_start('test', true)");
        }
      }
      case "copy even" -> copy(0);
      case "copy odd" -> copy(1);
      case "stop" -> stop(connection);
      default -> throw new IllegalArgumentException("no such step of a backup: " + step);
    }
  }

  private void copy(int parity) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path relative = data.relativize(file);
        Path copy = target.resolve(relative);
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (!isLeftOut(relative)
            && Math.floorMod(relative.toString().hashCode(), 2) == parity) {
          Files.copy(file, copy);
        }
      }
    }
  }

  private static boolean isLeftOut(Path file) {
    String first = file.getName(0).toString();
    return first.equals("pg_wal")
        || first.startsWith("postmaster.")
        || file.getFileName().toString().equals("pg_internal.init");
  }

  private void stop(Connection connection) throws SQLException, IOException {
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)")) {
      result.next();
      Files.writeString(target.resolve("backup_label"), result.getString(1));
    }
    // The control file must be copied last: this one is not older than any page.
    FileUtils.copyFile(
        data.resolve("global/pg_control").toFile(), target.resolve("global/pg_control").toFile());
    for (String directory : List.of("pg_wal/archive_status", "pg_replslot", "pg_notify")) {
      Files.createDirectories(target.resolve(directory));
    }
  }
}
