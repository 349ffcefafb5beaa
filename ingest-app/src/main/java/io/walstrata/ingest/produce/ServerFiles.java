package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ReplicationConnection.Address;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.backup.ClusterFiles;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/** The files of a running server, read over SQL, as pg_rewind reads them. For one thread. */
final class ServerFiles implements ClusterFiles {
  private static final int OLDEST_MAJOR = 15;
  private static final int NEWEST_MAJOR = 18;
  private static final String LIST =
      "select f.name, s.size, s.isdir from pg_ls_dir(?, true, false) as f(name),"
          + " lateral pg_stat_file(? || '/' || f.name, true) as s where s.size is not null";
  private static final String READ = "select pg_read_binary_file(?, ?, ?, true)";
  private static final String RIGHTS =
      "; the user must be a superuser, or a member of pg_read_server_files with EXECUTE on"
          + " pg_backup_start, pg_backup_stop, pg_ls_dir, pg_stat_file and pg_read_binary_file";
  private static final String DENIED = "42501";

  private final Address address;
  private final Connection connection;
  private final PreparedStatement list;
  private final PreparedStatement read;

  private ServerFiles(Address address, Connection connection) throws SQLException {
    this.address = address;
    this.connection = connection;
    this.list = connection.prepareStatement(LIST);
    this.read = connection.prepareStatement(READ);
  }

  /**
   * Connects.
   *
   * @throws ProduceException if the server refuses or is of another version
   */
  static ServerFiles open(Address address) {
    Properties properties = new Properties();
    PGProperty.APPLICATION_NAME.set(properties, address.applicationName());
    PGProperty.CONNECT_TIMEOUT.set(properties, 10);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.PREPARE_THRESHOLD.set(properties, 1); // Binary results from the second time on.
    if (address.user() != null) {
      PGProperty.USER.set(properties, address.user());
    }
    if (address.password() != null) {
      PGProperty.PASSWORD.set(properties, address.password());
    }
    try {
      Connection connection = DriverManager.getConnection(address.url(), properties);
      int major = connection.getMetaData().getDatabaseMajorVersion();
      if (major < OLDEST_MAJOR || major > NEWEST_MAJOR) {
        connection.close();
        throw ProduceException.failed(
            "postgres version is not supported: version="
                + (major + ", supported=" + OLDEST_MAJOR + " to " + NEWEST_MAJOR));
      }
      return new ServerFiles(address, connection);
    } catch (SQLException e) {
      throw failure(address, e);
    }
  }

  /** Returns an error for the user. */
  private static ProduceException failure(Address address, SQLException e) {
    String state = String.valueOf(e.getSQLState());
    String facts =
        "cause=" + e.getMessage() + " (url=" + address + ", sqlState=" + e.getSQLState() + ")";
    if (state.startsWith("08") || state.startsWith("57P")) {
      return ProduceException.unavailable(
          "the connection to postgres failed: "
              + facts
              + "; start again, which resumes with what the topic does not hold",
          e);
    }
    return new ProduceException(
        ProduceException.Reason.FAILED,
        "postgres refuses to let its files be read: "
            + facts
            + (DENIED.equals(state) ? RIGHTS : ""),
        e);
  }

  /** Creates a slot that keeps WAL from now on; does nothing if it exists. */
  void createSlot(String slot) {
    ask(
        "select pg_create_physical_replication_slot(?, true) where not exists"
            + " (select from pg_replication_slots where slot_name = ?)",
        slot,
        slot);
  }

  /** Starts a backup, which ends with the connection, and returns its start. */
  Lsn startBackup() {
    return Lsn.parse(required(ask("select pg_backup_start('walstrata', true)"), "pg_backup_start"));
  }

  /** Ends the backup and returns the LSN from which on it is consistent. */
  Lsn stopBackup() {
    return Lsn.parse(required(ask("select lsn from pg_backup_stop(false)"), "pg_backup_stop"));
  }

  private static String required(@Nullable String answer, String function) {
    if (answer == null) {
      throw ProduceException.failed("postgres gave no answer: function=" + function);
    }
    return answer;
  }

  /** Returns the first column of the first row, null if there is none. */
  private @Nullable String ask(String query, String... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    } catch (SQLException e) {
      throw failure(address, e);
    }
  }

  @Override
  public List<Item> list(String directory) throws IOException {
    List<Item> items = new ArrayList<>();
    String path = directory.isEmpty() ? "." : directory;
    try {
      list.setString(1, path);
      list.setString(2, path);
      try (ResultSet rows = list.executeQuery()) {
        while (rows.next()) {
          items.add(new Item(rows.getString(1), rows.getLong(2), rows.getBoolean(3)));
        }
      }
      return items;
    } catch (SQLException e) {
      throw failure(address, e);
    }
  }

  @Override
  public int read(String path, long offset, byte[] target) throws IOException {
    try {
      read.setString(1, path);
      read.setLong(2, offset);
      read.setLong(3, target.length);
      try (ResultSet row = read.executeQuery()) {
        byte @Nullable [] bytes = row.next() ? row.getBytes(1) : null;
        if (bytes == null) {
          return -1;
        }
        System.arraycopy(bytes, 0, target, 0, bytes.length);
        return bytes.length;
      }
    } catch (SQLException e) {
      throw failure(address, e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // The connection is not used again; the server ends a backup that was not stopped.
    }
  }
}
