package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.sql.SQLException;
import java.util.Set;

/** What to make of PostgreSQL's errors. */
final class PostgresErrors {
  private static final String UNDEFINED_FILE = "58P01";
  private static final String TOO_MANY_CONNECTIONS = "53300";
  private static final String OBJECT_IN_USE = "55006";
  private static final String UNDEFINED_OBJECT = "42704";
  private static final String NO_SUCH_WAL_AHEAD = "is ahead of the WAL flush position";

  /** Starting up, shutting down, terminated by command or by a crash. */
  private static final Set<String> SERVER_RESTARTS = Set.of("57P01", "57P02", "57P03", "57P05");

  private PostgresErrors() {}

  /**
   * Returns whether trying again is worth while.
   *
   * @param connectedBefore this server has been streamed from in this run
   */
  static boolean isTransient(SQLException e, boolean connectedBefore) {
    String state = String.valueOf(e.getSQLState());
    if (state.startsWith("08") || SERVER_RESTARTS.contains(state) || state.equals(OBJECT_IN_USE)) {
      return true;
    }
    if (String.valueOf(e.getMessage()).contains(NO_SUCH_WAL_AHEAD)) {
      return true;
    }
    // A walsender of ours that the server has not noticed to be dead may be in the way.
    return connectedBefore && state.startsWith("53");
  }

  /**
   * Returns the failure for the user.
   *
   * @param wanted the first log byte asked for
   * @param server how far the server's log goes, {@link Lsn#INVALID} if unknown
   */
  static ProduceException describe(
      SQLException e, ReplicationConnection.Address address, String slot, Lsn wanted, Lsn server) {
    String state = String.valueOf(e.getSQLState());
    String facts = " (url=" + address + ", sqlState=" + state + ")";
    String message = String.valueOf(e.getMessage());
    if (state.equals(UNDEFINED_FILE)) {
      return failed(
          "postgres no longer has the log that comes next: needed="
              + (wanted + ", server=" + server + ", cause=" + message + facts)
              + "; bring it in from the archive with 'walstrata produce wal-files' and start again,"
              + " or begin a new history with another --timeline; --slot keeps the server from"
              + " removing log that is still needed",
          e);
    }
    if (state.equals(TOO_MANY_CONNECTIONS)) {
      return failed(
          "postgres has no replication connection left: cause="
              + (message + facts)
              + "; raise max_wal_senders, which needs wal_level=replica or logical",
          e);
    }
    if (state.startsWith("28") || state.equals("42501")) {
      return failed(
          "postgres does not let this user replicate: cause="
              + (message + facts)
              + "; the user needs the REPLICATION attribute, and pg_hba.conf a line for database"
              + " 'replication'",
          e);
    }
    if (state.equals(OBJECT_IN_USE)) {
      return ProduceException.unavailable(
          "the replication slot is in use, by another producer or by one that died a moment ago:"
              + (" slot=" + slot + ", cause=" + message + facts),
          e);
    }
    if (state.equals(UNDEFINED_OBJECT)) {
      return failed(
          "no such replication slot: slot="
              + (slot + ", cause=" + message + facts + "; create it, or say --create-slot"),
          e);
    }
    if (state.startsWith("08") || SERVER_RESTARTS.contains(state)) {
      return ProduceException.unavailable(
          "postgres cannot be reached: cause=" + message + facts, e);
    }
    return failed("postgres refuses to stream its log: cause=" + message + facts, e);
  }

  private static ProduceException failed(String message, SQLException e) {
    return new ProduceException(ProduceException.Reason.FAILED, message, e);
  }
}
