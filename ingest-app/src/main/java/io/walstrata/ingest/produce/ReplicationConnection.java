package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyDual;

/** A physical replication connection to PostgreSQL and its commands. For one thread. */
final class ReplicationConnection implements AutoCloseable {
  private static final int OLDEST_MAJOR = 15;
  private static final int NEWEST_MAJOR = 18;

  /** For answers to commands. */
  private static final int ANSWER_TIMEOUT_S = 30;

  /**
   * For the rest of a message of which a part was received. Also the time after which the end of a
   * timeline is known: when the server ends the copy, the driver waits for more, and has no way to
   * end the copy on this side, for which the server waits.
   */
  private static final int STREAM_TIMEOUT_MS = 3000;

  private static final String DUPLICATE_OBJECT = "42710";
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(kB|MB|GB)?");

  private final Connection connection;

  private ReplicationConnection(Connection connection) {
    this.connection = connection;
  }

  /**
   * What a server answers about itself.
   *
   * @param systemIdentifier chosen by initdb, unsigned
   * @param timeline PostgreSQL's timeline number, unsigned 32 bits
   * @param flushLsn up to where its WAL is durable
   * @param isStandby whether it receives its WAL from another server; it may be promoted at any
   *     time
   */
  record Identity(long systemIdentifier, int timeline, Lsn flushLsn, boolean isStandby) {}

  /**
   * How to connect.
   *
   * @param url {@code jdbc:postgresql://…}
   * @param user null for the URL's
   * @param password null for the URL's, or that of a password file
   * @param applicationName as shown in {@code pg_stat_replication}
   */
  record Address(
      String url, @Nullable String user, @Nullable String password, String applicationName) {
    /** Returns the URL without what may be a secret. */
    String shown() {
      int parameters = url.indexOf('?');
      return parameters < 0 ? url : url.substring(0, parameters);
    }

    @Override
    public String toString() {
      return shown();
    }
  }

  /** Connects. */
  static ReplicationConnection open(Address address) throws SQLException {
    Properties properties = new Properties();
    PGProperty.REPLICATION.set(properties, "true");
    // The server ignores it, but password files are searched with it, as PostgreSQL's tools do.
    PGProperty.PG_DBNAME.set(properties, "replication");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    PGProperty.APPLICATION_NAME.set(properties, address.applicationName());
    PGProperty.CONNECT_TIMEOUT.set(properties, 10);
    PGProperty.LOGIN_TIMEOUT.set(properties, 15);
    PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_TIMEOUT_S);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    if (address.user() != null) {
      PGProperty.USER.set(properties, address.user());
    }
    if (address.password() != null) {
      PGProperty.PASSWORD.set(properties, address.password());
    }
    Connection connection = DriverManager.getConnection(address.url(), properties);
    ReplicationConnection opened = new ReplicationConnection(connection);
    try {
      opened.checkVersion();
      return opened;
    } catch (SQLException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void checkVersion() throws SQLException {
    int major = connection.getMetaData().getDatabaseMajorVersion();
    if (major < OLDEST_MAJOR || major > NEWEST_MAJOR) {
      throw ProduceException.failed(
          "postgres version is not supported: version="
              + connection.getMetaData().getDatabaseProductVersion()
              + (", supported=" + OLDEST_MAJOR + " to " + NEWEST_MAJOR));
    }
  }

  /**
   * Asks the server what it is.
   *
   * @throws ProduceException if its WAL is no complete history
   */
  Identity identify() throws SQLException {
    if (show("wal_level").equals("minimal")) {
      throw ProduceException.failed(
          "postgres runs with wal_level=minimal, so its WAL is no complete history; set"
              + " wal_level=replica or logical");
    }
    // In this order: a server that is no standby now is none when it is asked for its flush LSN.
    boolean isStandby = show("in_hot_standby").equals("on");
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      requireRow(row, "IDENTIFY_SYSTEM");
      return new Identity(
          Long.parseUnsignedLong(row.getString("systemid")),
          (int) Long.parseLong(row.getString("timeline")),
          Lsn.parse(row.getString("xlogpos")),
          isStandby);
    }
  }

  TimelineHistory history(int timeline) throws SQLException {
    if (timeline == 1) {
      return TimelineHistory.ofFirst(1);
    }
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("TIMELINE_HISTORY " + Integer.toUnsignedString(timeline))) {
      requireRow(row, "TIMELINE_HISTORY");
      byte[] content = row.getBytes("content");
      return TimelineHistory.parse(timeline, new String(content, StandardCharsets.UTF_8));
    }
  }

  /** Returns the size of a WAL segment in bytes. */
  int segmentBytes() throws SQLException {
    String text = show("wal_segment_size");
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw ProduceException.failed(
          "postgres reports a segment size that is no size: wal_segment_size=" + text);
    }
    int unit = "GB".equals(size.group(2)) ? 30 : "MB".equals(size.group(2)) ? 20 : 10;
    return Math.toIntExact(Long.parseLong(size.group(1)) << (size.group(2) == null ? 0 : unit));
  }

  private String show(String setting) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + setting)) {
      requireRow(row, "SHOW");
      return row.getString(1);
    }
  }

  /** Creates a slot that keeps WAL from now on; does nothing if it exists. */
  void createSlot(String slot) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          String.format(Locale.ROOT, "CREATE_REPLICATION_SLOT \"%s\" PHYSICAL RESERVE_WAL", slot));
    } catch (SQLException e) {
      if (!DUPLICATE_OBJECT.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  /**
   * Starts streaming.
   *
   * @param slot null for none
   * @param from the first byte to send
   * @param timeline PostgreSQL's timeline to read it from
   */
  ReplicationStream stream(@Nullable String slot, Lsn from, int timeline) throws SQLException {
    String command =
        "START_REPLICATION"
            + (slot == null ? "" : " SLOT \"" + slot + "\"")
            + (" PHYSICAL " + from + " TIMELINE " + Integer.toUnsignedString(timeline));
    CopyDual copy = connection.unwrap(PGConnection.class).getCopyAPI().copyDual(command);
    connection.setNetworkTimeout(Runnable::run, STREAM_TIMEOUT_MS);
    return new ReplicationStream(copy);
  }

  private static void requireRow(ResultSet row, String command) throws SQLException {
    if (!row.next()) {
      throw new SQLException("postgres gave no answer: command=" + command);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // The connection is not used again; the server notices by itself.
    }
  }
}
