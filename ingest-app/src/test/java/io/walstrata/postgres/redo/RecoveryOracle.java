package io.walstrata.postgres.redo;

import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.RecordLimits;
import io.walstrata.postgres.wal.WalArchive;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.apache.commons.io.FileUtils;

/**
 * PostgreSQL's own recovery, as the measure of redo. A directory has {@code base}, the data of a
 * server that was stopped, {@code wal}, its log from there on, and in {@code at/LSN} the data as a
 * second server made it of both, up to an LSN.
 *
 * <p>A server that recovers to an LSN with {@code recovery_target_inclusive=off} stops before the
 * first record that starts there or after it: it has replayed all records that end there or before,
 * which is what "as of" an LSN means for Walstrata.
 */
final class RecoveryOracle {
  private static final Duration RECOVERY_LIMIT = Duration.ofMinutes(2);

  private final Path directory;

  RecoveryOracle(Path directory) {
    this.directory = directory;
  }

  Path base() {
    return directory.resolve("base");
  }

  private Path wal() {
    return directory.resolve("wal");
  }

  /** Returns the directories with data that a server recovered. */
  List<Path> recovered() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory.resolve("at"))) {
      all.forEach(found::add);
    }
    found.sort((a, b) -> Long.compareUnsigned(lsn(a).value(), lsn(b).value()));
    return found;
  }

  /** Returns the LSN that the data in a directory was recovered to. */
  static Lsn lsn(Path recovered) {
    return Lsn.of(Long.parseUnsignedLong(recovered.getFileName().toString(), 16));
  }

  /** Makes base and log; the base is the script's own backup if it has one. */
  void make(PostgresServer server, SqlScript script) throws IOException, SQLException {
    Files.createDirectories(directory);
    try (RedoWorkload workload = new RedoWorkload(script, server)) {
      if (script.hasBackup()) {
        workload.backUpTo(base());
      } else {
        workload.copyBase(base());
      }
      workload.run();
      workload.copyLog(wal());
    }
    readableForAll(directory);
    readableForAll(wal());
  }

  private static void readableForAll(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (Files.isRegularFile(file)) {
          Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
      }
    }
  }

  /** Opens the log where recovery begins. */
  WalSegmentReader open() throws IOException {
    return WalSegmentReader.open(
        WalArchive.of(List.of(wal())).segments(),
        ClusterFiles.read(base()).redoStart(),
        RecordLimits.NONE);
  }

  /** Returns all that base and log have. */
  LogHistory history() throws IOException {
    LogHistory history = new LogHistory(new PostgresRedo());
    ClusterFiles.read(base()).addTo(history);
    try (WalSegmentReader reader = open()) {
      for (WalRecord record = reader.next(); record != null; record = reader.next()) {
        history.add(record);
      }
    }
    return history;
  }

  /**
   * Returns LSNs to recover to, ascending: the last one that is possible, and random ones. All are
   * after a checkpoint of the log, since a server that stops in recovery writes its pages to their
   * files only if there was one.
   */
  List<Lsn> targets(int count, long seed) throws IOException {
    List<Lsn> ends = new ArrayList<>();
    boolean hasCheckpoint = false;
    try (WalSegmentReader reader = open()) {
      Lsn start = ClusterFiles.read(base()).consistentAt();
      for (WalRecord record = reader.next(); record != null; record = reader.next()) {
        boolean isCheckpoint = record.rmgrId() == 0 && record.type() <= 0x10;
        hasCheckpoint |= isCheckpoint && record.lsn().isAfter(start);
        if (hasCheckpoint) {
          ends.add(record.endLsn());
        }
      }
    }
    // Recovery stops before a record: none is after the last. What starts it is no target either.
    ends.remove(ends.size() - 1);
    Random random = new Random(seed);
    TreeSet<Lsn> targets = new TreeSet<>();
    targets.add(ends.get(ends.size() - 1));
    for (int i = 1; i < count; i++) {
      targets.add(ends.get(random.nextInt(ends.size())));
    }
    return List.copyOf(targets);
  }

  /**
   * Recovers base and log to an LSN, and keeps the data.
   *
   * @param server of the same release, never started
   */
  void recover(PostgresServer server, Lsn target) throws IOException {
    Path start = directory.resolve("start");
    FileUtils.deleteDirectory(start.toFile());
    FileUtils.copyDirectory(base().toFile(), start.toFile());
    // All of the log comes from where it was copied to.
    FileUtils.cleanDirectory(start.resolve("pg_wal").toFile());
    Files.createDirectory(start.resolve("pg_wal/archive_status"));
    Files.createFile(start.resolve("recovery.signal"));
    try {
      RedoWorkload.configure(server);
      server
          .withData(start)
          .withSetting("restore_command", "cp " + wal() + "/%f %p")
          .withSetting("recovery_target_lsn", target.toString())
          .withSetting("recovery_target_inclusive", "off")
          .withSetting("recovery_target_action", "shutdown")
          .withSetting("hot_standby", "off");
      server.launch();
      server.awaitExit(RECOVERY_LIMIT);
      requireComplete(Files.readString(server.logFile()));
      Path kept = directory.resolve("at").resolve(String.format("%016X", target.value()));
      FileUtils.copyDirectory(
          server.dataDirectory().toFile(), kept.toFile(), file -> !file.getName().equals("pg_wal"));
    } finally {
      server.close();
      FileUtils.deleteDirectory(start.toFile());
    }
  }

  private static void requireComplete(String log) {
    if (!log.contains("recovery stopping before WAL location")
        || !log.contains("restartpoint complete")) {
      throw new IllegalStateException("server did not recover to the LSN, its log:\n" + log);
    }
  }
}
