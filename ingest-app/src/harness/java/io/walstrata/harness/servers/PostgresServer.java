package io.walstrata.harness.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL, ready for physical replication over loopback. Superuser {@code postgres}, no
 * password. When this process is root the server runs as another user.
 */
public final class PostgresServer extends EmbeddedServer {
  private final @Nullable Path archive;
  private final @Nullable Path givenBinaries;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<String> initdbArguments = new ArrayList<>();
  private @Nullable Path givenData;
  private @Nullable PostgresUser user;
  private @Nullable Path home;
  private @Nullable Path binaries;
  private @Nullable Path temporaryHome;
  private int port;

  private PostgresServer(@Nullable Path archive, @Nullable Path binaries, Path folder) {
    super("postgres", folder);
    this.archive = archive;
    this.givenBinaries = binaries;
    settings.put("listen_addresses", "127.0.0.1");
    settings.put("unix_socket_directories", "");
    settings.put("wal_level", "replica");
    settings.put("max_wal_senders", "8");
    settings.put("max_replication_slots", "8");
    settings.put("wal_keep_size", "512MB");
    settings.put("shared_buffers", "32MB");
    settings.put("max_connections", "30");
    settings.put("jit", "off");
    // The machine is not expected to lose power under a demo; a killed server loses nothing.
    settings.put("fsync", "off");
    choosePorts();
  }

  /** Returns a server that runs the distribution's PostgreSQL. */
  public static PostgresServer bundled(Distribution distribution, Path folder) {
    return ofArchive(distribution.postgresArchive(), folder);
  }

  /**
   * Returns a server that runs the PostgreSQL of an archive, which is unpacked beside it if that
   * was not done before.
   *
   * @param archive a jar around a {@code .txz}
   */
  public static PostgresServer ofArchive(Path archive, Path folder) {
    return new PostgresServer(archive, null, folder);
  }

  /**
   * Returns a server that runs another PostgreSQL.
   *
   * @param binaries folder with {@code initdb} and {@code postgres}
   */
  public static PostgresServer of(Path binaries, Path folder) {
    return new PostgresServer(null, binaries, folder);
  }

  /** Sets a server setting ({@code postgresql.conf}) for the next start. */
  public PostgresServer withSetting(String name, String value) {
    settings.put(name, value);
    return this;
  }

  /** Adds an argument of {@code initdb}, for example {@code --wal-segsize=1}. */
  public PostgresServer withInitdbArgument(String argument) {
    initdbArguments.add(argument);
    return this;
  }

  /**
   * Makes the first start take a copy of a data directory in place of a new cluster.
   *
   * @param data of a server that does not run, or a base backup
   */
  public PostgresServer withData(Path data) {
    givenData = data;
    return this;
  }

  public String host() {
    return "127.0.0.1";
  }

  /** Returns the port; the same for the server's whole life. */
  public int port() {
    return port;
  }

  /** Returns the JDBC URL of database {@code postgres}, user included. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  /** Opens a connection as superuser; the caller closes it. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl());
  }

  /**
   * Returns the data directory.
   *
   * @throws IllegalStateException before the first start
   */
  public Path dataDirectory() {
    if (home == null) {
      throw new IllegalStateException("postgres was never started");
    }
    return home.resolve("data");
  }

  @Override
  void choosePorts() {
    port = Ports.free();
  }

  @Override
  String stopSignal() {
    return "INT"; // Fast shutdown: does not wait for sessions to end.
  }

  @Override
  void prepare() throws IOException {
    if (home != null) {
      return;
    }
    PostgresUser chosen = PostgresUser.choose();
    Path chosenHome = createHome(chosen);
    Path programs = findBinaries(chosen, chosenHome);
    user = chosen;
    binaries = programs;
    Path data = chosenHome.resolve("data");
    if (!Files.exists(data.resolve("PG_VERSION"))) {
      if (givenData == null) {
        initdb(chosen, programs, chosenHome);
      } else {
        copyData(givenData, data, chosen);
      }
    }
    home = chosenHome;
  }

  /** The folder itself, or a temporary one if the other user has no way to it. */
  private Path createHome(PostgresUser chosen) throws IOException {
    Path inside = folder().resolve("home");
    Files.createDirectories(inside);
    chosen.own(inside);
    if (chosen.canWrite(inside)) {
      return inside;
    }
    Files.delete(inside);
    Path outside = Files.createTempDirectory("walstrata-postgres-");
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxr-xr-x"));
    chosen.own(outside);
    if (!chosen.canWrite(outside)) {
      Files.delete(outside);
      throw new PostgresUnavailableException(
          "user=" + chosen + " cannot write to " + inside + " nor to " + outside);
    }
    temporaryHome = outside;
    return outside;
  }

  private Path findBinaries(PostgresUser chosen, Path chosenHome) throws IOException {
    if (givenBinaries != null) {
      return requireRunnable(chosen, givenBinaries);
    }
    if (archive == null) {
      throw new IllegalStateException("neither an archive nor a folder of programs");
    }
    Path archives = archive.toAbsolutePath().getParent();
    if (archives != null && Files.isWritable(archives)) {
      Path shared = Archives.unpackOnce(archive, archives);
      if (chosen.canRun(shared.resolve("bin/postgres"))) {
        return shared.resolve("bin");
      }
    }
    return requireRunnable(chosen, Archives.unpackOnce(archive, chosenHome).resolve("bin"));
  }

  private static Path requireRunnable(PostgresUser chosen, Path folder) {
    if (!chosen.canRun(folder.resolve("postgres"))) {
      throw new PostgresUnavailableException(
          "user=" + chosen + " cannot run " + folder.resolve("postgres"));
    }
    return folder;
  }

  private static void copyData(Path from, Path data, PostgresUser chosen) throws IOException {
    FileUtils.copyDirectory(from.toFile(), data.toFile());
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        chosen.own(file);
      }
    }
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
  }

  private void initdb(PostgresUser chosen, Path programs, Path chosenHome) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(programs.resolve("initdb").toString());
    command.addAll(
        List.of("-D", chosenHome.resolve("data").toString(), "-U", "postgres", "-A", "trust"));
    command.addAll(List.of("-E", "UTF8", "--no-locale", "--no-sync"));
    command.addAll(initdbArguments);
    Process process =
        new ProcessBuilder(chosen.command(command))
            .directory(chosenHome.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new PostgresUnavailableException(
            "initdb failed: status=" + process.exitValue() + " user=" + chosen + "\n" + output);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while initdb runs", e);
    }
  }

  @Override
  List<String> command() {
    if (user == null || binaries == null) {
      throw new IllegalStateException("not prepared");
    }
    List<String> command = new ArrayList<>();
    command.add(binaries.resolve("postgres").toString());
    command.addAll(List.of("-D", dataDirectory().toString(), "-p", Integer.toString(port)));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return user.command(command);
  }

  @Override
  boolean isReady() throws Exception {
    try (Connection connection = connect()) {
      return connection.isValid(5);
    }
  }

  /** Stops the server; deletes its data if that had to live in a temporary folder. */
  @Override
  public void close() {
    super.close();
    Path temporary = temporaryHome;
    if (temporary != null) {
      try {
        FileUtils.deleteDirectory(temporary.toFile());
      } catch (IOException e) {
        throw new ServerException("could not delete " + temporary, e);
      }
    }
  }
}
