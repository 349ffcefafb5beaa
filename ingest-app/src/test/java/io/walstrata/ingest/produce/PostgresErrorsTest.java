package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.produce.ProduceException.Reason;
import io.walstrata.ingest.produce.ReplicationConnection.Address;
import io.walstrata.layerstore.page.Lsn;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class PostgresErrorsTest {
  private static final Address ADDRESS =
      new Address("jdbc:postgresql://h:1/?password=secret", null, null, "x");

  /** Whether an error is worth another try. */
  private enum Again {
    NEVER,
    ONCE_CONNECTED,
    ALWAYS
  }

  private static SQLException server(String state, String routine, String message) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0C" + state + "\0M" + message + "\0R" + routine + "\0\0"));
  }

  private static SQLException driver(String state, String message, Throwable... causes) {
    Throwable cause = null;
    for (int i = causes.length - 1; i >= 0; i--) {
      cause = cause == null ? causes[i] : causes[i].initCause(cause);
    }
    PSQLState known =
        Stream.of(PSQLState.values()).filter(s -> state.equals(s.getState())).findFirst().get();
    return new PSQLException(message, known, cause);
  }

  private static Arguments row(SQLException e, Again again, String... said) {
    return Arguments.of(e, again, List.of(said));
  }

  /** What servers 15 to 18 and the driver really say. */
  static Stream<Arguments> errors() {
    Again never = Again.NEVER;
    Again always = Again.ALWAYS;
    Again once = Again.ONCE_CONNECTED;
    return Stream.of(
        // The server is away.
        row(
            driver(
                "08001",
                "Connection to h:1 refused. Check that the hostname and port are correct.",
                new ConnectException("Connection refused")),
            always,
            "cannot be reached"),
        row(
            driver(
                "08001", "The connection attempt failed.", new UnknownHostException("h.invalid")),
            always,
            "cannot be reached",
            "h.invalid"),
        row(driver("08006", "An I/O error occurred.", new IOException("reset")), always, "reset"),
        row(
            driver(
                "08006",
                "SSL error: Remote host terminated the handshake",
                new SSLHandshakeException("Remote host terminated the handshake"),
                new EOFException("SSL peer shut down incorrectly")),
            always,
            "cannot be reached"),
        row(
            driver(
                "08006",
                "SSL error: Connection reset",
                new javax.net.ssl.SSLException("Connection reset"),
                new SocketException("Connection reset")),
            always,
            "cannot be reached"),
        row(
            server("57P01", "ProcessInterrupts", "terminating connection"),
            always,
            "cannot be reached"),
        row(
            server("57P03", "ProcessStartupPacket", "the database system is starting up"),
            always,
            "cannot be reached"),
        // The server does not have the log yet.
        row(new SQLTransientException("flushed=0/8"), always, "needed=0/10", "server=0/20"),
        row(
            server(
                "XX000",
                "StartReplication",
                "requested starting point 0/9 is ahead of the WAL flush position of this server"),
            always,
            "needed=0/10"),
        // Passwords and rights.
        row(
            driver(
                "08004",
                "The server requested SCRAM-based authentication, but no password was provided."),
            never,
            "password",
            ".pgpass",
            "replication"),
        row(
            driver("08004", "Der Server verlangt ein Passwort."),
            never,
            "asks for a password or another proof"),
        row(
            server("28P01", "auth_failed", "password authentication failed for user \"repl\""),
            never,
            "does not accept the password",
            "PGPASSWORD"),
        row(
            server(
                "28000",
                "ClientAuthentication",
                "no pg_hba.conf entry for replication connection from host \"h\", no encryption"),
            never,
            "pg_hba.conf",
            "sslmode=require"),
        row(
            server("42501", "InitPostgres", "permission denied to start WAL sender"),
            never,
            "REPLICATION attribute"),
        // Encryption.
        row(
            driver("08004", GT.tr("The server does not support SSL.")),
            never,
            "ssl=on",
            "sslmode=prefer"),
        row(
            driver(
                "08006",
                "Could not open SSL root certificate file /root/.postgresql/root.crt.",
                new FileNotFoundException("/root/.postgresql/root.crt (No such file)")),
            never,
            "sslrootcert"),
        row(
            driver(
                "08006",
                "SSL error: PKIX path building failed",
                new SSLHandshakeException("PKIX path building failed"),
                new CertificateException("unable to find valid certification path")),
            never,
            "sslrootcert",
            "unable to find valid certification path"),
        row(
            driver(
                "08006",
                "SSL error: bad_certificate",
                new SSLHandshakeException("bad_certificate")),
            never,
            "sslcert"),
        row(
            driver(
                "08006",
                GT.tr("The hostname {0} could not be verified by hostnameverifier {1}.", "h", "v")),
            never,
            "verify-full"),
        // What answers is the wrong thing.
        row(
            driver(
                "08001",
                GT.tr("Could not find a server with specified targetServerType: {0}", "secondary")),
            once,
            "targetServerType"),
        row(
            server(
                "0A000",
                "exec_replication_command",
                "cannot execute SQL commands in WAL sender for physical replication"),
            never,
            "targetServerType"),
        row(
            driver("08P01", "Protocol error.  Session setup failed."),
            once,
            "not a PostgreSQL server"),
        // Limits.
        row(
            server(
                "53300",
                "InitProcess",
                "number of requested standby connections exceeds max_wal_senders (currently 0)"),
            once,
            "raise max_wal_senders",
            "wal_level"),
        row(
            server("53300", "InitProcess", "sorry, too many clients already"),
            once,
            "raise max_connections"),
        row(
            server("53400", "ReplicationSlotCreate", "all replication slots are in use"),
            never,
            "max_replication_slots"),
        row(
            server(
                "55000",
                "CheckSlotRequirements",
                "replication slots can only be used if max_replication_slots > 0"),
            never,
            "raise max_replication_slots"),
        // Slots and log.
        row(
            server("55006", "ReplicationSlotAcquire", "replication slot \"s\" is active"),
            always,
            "slot=s"),
        row(
            server(
                "55000", "ReplicationSlotAcquire", "can no longer access replication slot \"s\""),
            never,
            "slot=s",
            "needed=0/10",
            "server=0/20",
            "pg_drop_replication_slot('s')",
            "wal-files"),
        row(
            server(
                "55000",
                "StartReplication",
                "cannot use a logical replication slot for physical replication"),
            never,
            "logical"),
        row(
            server("42704", "ReplicationSlotAcquire", "replication slot \"s\" does not exist"),
            never,
            "--create-slot"),
        row(
            server(
                "58P01",
                "WalSndSegmentOpen",
                "requested WAL segment 000000010000000000000001 has already been removed"),
            never,
            "needed=0/10",
            "server=0/20",
            "wal-files"),
        row(server("XX000", "x", "said the server"), never, "said the server", "needed=0/10"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void error_isAnOutageOrSaysWhatToDo(SQLException e, Again again, List<String> said) {
    assertThat(PostgresErrors.isTransient(e, false)).isEqualTo(again == Again.ALWAYS);
    assertThat(PostgresErrors.isTransient(e, true)).isEqualTo(again != Again.NEVER);
    ProduceException described = PostgresErrors.describe(e, ADDRESS, "s", Lsn.of(16), Lsn.of(32));
    assertThat(described.reason())
        .isEqualTo(again == Again.ALWAYS ? Reason.UNAVAILABLE : Reason.FAILED);
    assertThat(described.getMessage())
        .contains(said)
        .contains(String.valueOf(e.getMessage()), "jdbc:postgresql://h:1/")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://h:abc/?password=secret",
        "jdbc:postgresql://h/?sslmode=bogus&password=secret",
        "jdbc:postgresql://h/?targetServerType=primary&password=secret",
        "jdbc:postgresql://h,g/?targetServerType=preferPrimary&password=secret",
        "jdbc:mysql://h/?password=secret"
      })
  void url_thatCannotWork_isAWrongSetting(String url) {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "bootstrap.servers", "h:1",
                "schema.registry.url", "http://h:1",
                "topic", "t",
                "url", url));
    ProduceConfig config = ProduceConfig.of(PostgresSettings.definition(), settings);
    assertThatThrownBy(() -> PostgresSettings.address(config))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("jdbc:")
        .hasMessageNotContaining("secret")
        .extracting(e -> ((ProduceException) e).reason())
        .isEqualTo(Reason.SETTINGS);
  }

  @Test
  void url_withManyHosts_isTaken() {
    ProduceConfig config =
        ProduceConfig.of(
            PostgresSettings.definition(),
            Map.of(
                "bootstrap.servers", "h:1",
                "schema.registry.url", "http://h:1",
                "topic", "t",
                "url", "jdbc:postgresql://h:1,g:2/?targetServerType=any&sslmode=require"));
    assertThat(PostgresSettings.address(config).shown()).isEqualTo("jdbc:postgresql://h:1,g:2/");
  }
}
