package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.FileSystemException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Classifies the errors of PostgreSQL and of its driver, and describes them for users. */
final class PostgresErrors {
  /*
   * Messages are translated, the server's by its lc_messages, the driver's by Java's locale. So
   * errors are recognized by their SQLSTATE, by the function of the server that raised them, by
   * causes, and by names of settings, which are in all translations. Only where the driver gives one
   * SQLSTATE to several errors is its message compared, translated as the driver does it.
   */
  private static final Set<String> SERVER_RESTARTS = Set.of("57P01", "57P02", "57P03", "57P05");
  private static final String NO_SUCH_WAL_AHEAD = "is ahead of the WAL flush position";
  private static final String NO_SSL = "The server does not support SSL.";
  private static final String NO_TARGET =
      "Could not find a server with specified targetServerType: {0}";
  private static final String NOT_VERIFIED =
      "The hostname {0} could not be verified by hostnameverifier {1}.";

  /** What kind of error it is. */
  private enum Kind {
    /** The server is down, restarts, or cannot be reached. */
    OUTAGE,
    /** The server does not have the WAL yet. */
    NOT_YET,
    SLOT_IN_USE,
    /** The server's address answers, but not with PostgreSQL's protocol. */
    NOT_POSTGRES,
    NO_TARGET,
    TARGET_UNKNOWN,
    AUTHENTICATION,
    WRONG_PASSWORD,
    NOT_ALLOWED,
    NO_SSL,
    CERTIFICATE,
    NO_WALSENDER,
    TOO_MANY_CONNECTIONS,
    NO_FREE_SLOT,
    LOG_REMOVED,
    SLOT_LOST,
    SLOT_LOGICAL,
    NO_SLOT,
    OTHER
  }

  private PostgresErrors() {}

  private static Kind kind(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    String message = String.valueOf(e.getMessage());
    if (e instanceof SQLTransientException || message.contains(NO_SUCH_WAL_AHEAD)) {
      return Kind.NOT_YET;
    }
    if (state.startsWith("08")) {
      return connectionKind(e, state);
    }
    if (SERVER_RESTARTS.contains(state)) {
      return Kind.OUTAGE;
    }
    return switch (state) {
      case "28P01" -> Kind.WRONG_PASSWORD;
      case "28000", "42501" -> Kind.NOT_ALLOWED;
      case "0A000" -> Kind.TARGET_UNKNOWN;
      case "53300" ->
          message.contains("max_wal_senders") ? Kind.NO_WALSENDER : Kind.TOO_MANY_CONNECTIONS;
      case "53400" -> Kind.NO_FREE_SLOT;
      case "55000" ->
          isRaisedBy(e, "StartReplication")
              ? Kind.SLOT_LOGICAL
              : isRaisedBy(e, "CheckSlotRequirements") ? Kind.NO_FREE_SLOT : Kind.SLOT_LOST;
      case "55006" -> Kind.SLOT_IN_USE;
      case "42704" -> Kind.NO_SLOT;
      case "58P01" -> Kind.LOG_REMOVED;
      default -> Kind.OTHER;
    };
  }

  /** Returns the kind of one of the driver's own errors: most are outages. */
  private static Kind connectionKind(SQLException e, String state) {
    if (hasMessage(e, NO_SSL)) {
      return Kind.NO_SSL;
    }
    if (hasMessage(e, NO_TARGET)) {
      return Kind.NO_TARGET;
    }
    if (hasMessage(e, NOT_VERIFIED) || isCertificateFault(e)) {
      return Kind.CERTIFICATE;
    }
    return switch (state) {
      case "08004" -> Kind.AUTHENTICATION;
      case "08P01" -> Kind.NOT_POSTGRES;
      default -> Kind.OUTAGE;
    };
  }

  /** Returns whether a file is missing, a certificate not trusted, or no cipher shared. */
  private static boolean isCertificateFault(SQLException e) {
    boolean fault = false;
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketException
          || cause instanceof SocketTimeoutException
          || cause instanceof EOFException) {
        return false; // The connection broke while it was encrypted.
      }
      fault |=
          cause instanceof FileNotFoundException
              || cause instanceof FileSystemException
              || cause instanceof GeneralSecurityException
              || cause instanceof SSLException;
    }
    return fault;
  }

  private static boolean hasMessage(SQLException e, String driverMessage) {
    String message = String.valueOf(e.getMessage());
    for (String part : GT.tr(driverMessage).split("\\{\\d}", -1)) {
      if (!message.contains(part.strip())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isRaisedBy(SQLException e, String function) {
    if (!(e instanceof PSQLException error)) {
      return false;
    }
    @Nullable ServerErrorMessage server = error.getServerErrorMessage();
    return server != null && function.equals(server.getRoutine());
  }

  /** Returns whether the server no longer has the WAL that was asked for. */
  static boolean isLogRemoved(SQLException e) {
    return kind(e) == Kind.LOG_REMOVED;
  }

  /**
   * Returns whether the error may pass, so that a retry makes sense.
   *
   * @param connectedBefore whether the server has sent WAL in this run
   */
  static boolean isTransient(SQLException e, boolean connectedBefore) {
    return switch (kind(e)) {
      case OUTAGE, NOT_YET, SLOT_IN_USE -> true;
      // The server may still count a connection of ours that broke. And in a failover no server is
      // the primary for a while.
      case NO_WALSENDER, TOO_MANY_CONNECTIONS, NO_TARGET, NOT_POSTGRES -> connectedBefore;
      case OTHER -> connectedBefore && String.valueOf(e.getSQLState()).startsWith("53");
      default -> false;
    };
  }

  /**
   * Returns the failure for the user.
   *
   * @param needed the first byte of WAL that was asked for
   * @param server the end of the server's WAL, {@link Lsn#INVALID} if unknown
   */
  static ProduceException describe(
      SQLException e, ReplicationConnection.Address address, String slot, Lsn needed, Lsn server) {
    String facts =
        ("cause=" + e.getMessage() + causes(e))
            + (" (url=" + address + ", sqlState=" + e.getSQLState() + ")");
    String positions = "needed=" + needed + ", server=" + server + ", ";
    return switch (kind(e)) {
      case OUTAGE -> ProduceException.unavailable("postgres cannot be reached: " + facts, e);
      case NOT_YET ->
          ProduceException.unavailable(
              "postgres does not have the WAL yet that is needed next: " + positions + facts, e);
      case SLOT_IN_USE ->
          ProduceException.unavailable(
              "the replication slot is in use, by another producer or by one that ended a moment"
                  + (" ago: slot=" + slot + ", " + facts),
              e);
      case NOT_POSTGRES ->
          failed(
              "not a PostgreSQL server, or a proxy changes its protocol: "
                  + (facts + "; check host and port, and that no connection pooler is between"),
              e);
      case NO_TARGET, TARGET_UNKNOWN ->
          failed(
              "a replication connection does not report what the URL's targetServerType"
                  + (" asks for, or no host is of that type: " + facts)
                  + "; leave targetServerType out and name the host to read from",
              e);
      case AUTHENTICATION, WRONG_PASSWORD, NOT_ALLOWED, NO_SSL, CERTIFICATE -> refused(e, facts);
      case NO_WALSENDER ->
          failed(
              "postgres has no replication connection left: "
                  + (facts + "; raise max_wal_senders, which needs wal_level=replica or logical")
                  + " (WAL that was written with wal_level=minimal is no complete history)",
              e);
      case TOO_MANY_CONNECTIONS ->
          failed("postgres has no connection left: " + facts + "; raise max_connections", e);
      case NO_FREE_SLOT ->
          failed(
              "postgres has no replication slot left: slot="
                  + (slot + ", " + facts + "; raise max_replication_slots, or drop an unused slot"),
              e);
      case LOG_REMOVED, SLOT_LOST, SLOT_LOGICAL, NO_SLOT ->
          missing(kind(e), e, slot, positions, facts);
      case OTHER -> failed("postgres refuses to stream its WAL: " + positions + facts, e);
    };
  }

  /** Returns the messages of causes: the driver's often has what failed, and only a cause why. */
  private static String causes(SQLException e) {
    StringBuilder causes = new StringBuilder();
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (!String.valueOf(e.getMessage()).contains(message) && causes.indexOf(message) < 0) {
        causes.append(": ").append(message);
      }
    }
    return causes.toString();
  }

  /** Describes that the server refuses the producer, or the producer does not trust the server. */
  private static ProduceException refused(SQLException e, String facts) {
    String passwords =
        "give the password in PGPASSWORD, in the file of --config, or in a .pgpass file as"
            + " host:port:replication:user:password";
    return switch (kind(e)) {
      case AUTHENTICATION ->
          failed("postgres asks for a password or another proof: " + facts + "; " + passwords, e);
      case WRONG_PASSWORD ->
          failed("postgres does not accept the password: " + facts + "; " + passwords, e);
      case NO_SSL ->
          failed(
              "postgres has no encryption, which the URL's sslmode demands: "
                  + (facts + "; set ssl=on in postgresql.conf, or sslmode=prefer in the URL"),
              e);
      case CERTIFICATE ->
          failed(
              "the encrypted connection to postgres does not satisfy the URL's sslmode: "
                  + (facts
                      + "; sslrootcert must name the file with the certificate that signed the")
                  + " server's (~/.postgresql/root.crt if not set), sslcert and sslkey the"
                  + " client's, and verify-full needs the host name that is in the server's"
                  + " certificate",
              e);
      default ->
          failed(
              "postgres does not let this user replicate: "
                  + (facts + "; the user must exist and needs the REPLICATION attribute, and")
                  + " pg_hba.conf a line for database 'replication', user and address; a hostssl"
                  + " line needs sslmode=require in the URL",
              e);
    };
  }

  /** Describes that the WAL or the slot does not exist. */
  private static ProduceException missing(
      Kind kind, SQLException e, String slot, String positions, String facts) {
    return switch (kind) {
      case LOG_REMOVED ->
          failed(
              "postgres no longer has the WAL that is needed next: "
                  + (positions + facts)
                  + "; read it from the archive with 'walstrata produce wal-files' and start"
                  + " again, or begin a new history with another --timeline; --slot keeps the"
                  + " server from removing WAL that is still needed",
              e);
      case SLOT_LOST ->
          failed(
              "postgres invalidated the replication slot and removed WAL that it was to keep: slot="
                  + (slot + ", " + positions + facts)
                  + ("; drop it (select pg_drop_replication_slot('" + slot + "')), read the WAL")
                  + " that is needed from the archive with 'walstrata produce wal-files' or"
                  + " begin a new history with another --timeline, and start again with"
                  + " --create-slot; max_slot_wal_keep_size limits what a slot keeps",
              e);
      case SLOT_LOGICAL ->
          failed(
              "the replication slot is a logical one, a physical one is needed: slot="
                  + (slot + ", " + facts + "; use another name with --create-slot"),
              e);
      default ->
          failed(
              "no such replication slot: slot="
                  + (slot + ", " + positions + facts + "; create it, or use --create-slot"),
              e);
    };
  }

  private static ProduceException failed(String message, SQLException e) {
    return new ProduceException(ProduceException.Reason.FAILED, message, e);
  }
}
