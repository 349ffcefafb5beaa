package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.rmgr.WalMapper;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.SslMode;

/** The settings of {@link PostgresProducer}, and those it shares with {@link WalFilesProducer}. */
final class PostgresSettings {
  static final String URL = "url";
  static final String USER = "user";
  static final String PASSWORD = "password";
  static final String SLOT = "slot";
  static final String CREATE_SLOT = "create-slot";
  static final String START = "start";
  static final String END = "end";
  static final String TIMELINE = "timeline";
  static final String UNREPRESENTABLE = "unrepresentable";
  static final String MAX_RECORD_BYTES = "max-record-bytes";
  static final String BUFFER_BYTES = "buffer-bytes";
  static final String STALL_S = "stall-s";

  static final String NOW = "now";

  /** The largest {@link #MAX_RECORD_BYTES}, which is also the default. */
  static final int MOST_RECORD_BYTES = 64 << 20;

  private PostgresSettings() {}

  /** Adds the settings of every producer of PostgreSQL's WAL. */
  static ConfigDef withLog(ConfigDef definition) {
    return withTimeline(definition)
        .define(
            END,
            ConfigDef.Type.STRING,
            null,
            Importance.MEDIUM,
            "Stop after the last record that ends at or before this LSN.")
        .define(
            MAX_RECORD_BYTES,
            ConfigDef.Type.INT,
            MOST_RECORD_BYTES,
            Range.between(1 << 20, MOST_RECORD_BYTES),
            Importance.LOW,
            "A WAL record that changes pages is held in memory, copied up to seven times on its way"
                + " to Kafka; a longer one stops the producer. Records that change none (logical"
                + " messages) have no limit.");
  }

  /** Adds the settings of everything that writes a cluster's versions. */
  static ConfigDef withTimeline(ConfigDef definition) {
    return definition
        .define(
            TIMELINE,
            ConfigDef.Type.STRING,
            null,
            Importance.MEDIUM,
            "Timeline to write, 32 hex digits. If absent: the cluster's system identifier and 16"
                + " zeros.")
        .define(
            UNREPRESENTABLE,
            ConfigDef.Type.STRING,
            "fail",
            ValidString.in("fail", "skip"),
            Importance.LOW,
            "What to do with pages in a tablespace whose OID does not fit a key (65535 and"
                + " above): stop, or leave them out with a warning.");
  }

  /** Adds what reading a running server needs beside its URL and a user. */
  static ConfigDef withPasswordAndSlot(ConfigDef definition) {
    return definition
        .define(
            PASSWORD,
            ConfigDef.Type.PASSWORD,
            null,
            Importance.HIGH,
            "The user's password. Better in the file, in PGPASSWORD or in a .pgpass file than on"
                + " the command line.")
        .define(
            SLOT,
            ConfigDef.Type.STRING,
            null,
            Importance.MEDIUM,
            "Physical replication slot to read through: the server then keeps the log that Kafka"
                + " has not acknowledged.")
        .define(
            CREATE_SLOT,
            ConfigDef.Type.BOOLEAN,
            false,
            Importance.LOW,
            "Create the slot if there is none.");
  }

  static ConfigDef definition() {
    return withPasswordAndSlot(withLog(ProduceConfig.definition()))
        .define(
            URL,
            ConfigDef.Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "PostgreSQL 15 to 18, jdbc:postgresql://host:port/, with the driver's parameters.")
        .define(
            USER,
            ConfigDef.Type.STRING,
            null,
            Importance.HIGH,
            "A user with the REPLICATION attribute.")
        .define(
            START,
            ConfigDef.Type.STRING,
            NOW,
            Importance.MEDIUM,
            "Where to begin a timeline that the topic does not have yet: an LSN, or now.")
        .define(
            BUFFER_BYTES,
            ConfigDef.Type.LONG,
            16L << 20,
            Range.between(1 << 17, 1L << 32),
            Importance.LOW,
            "How many bytes of log to hold at most while Kafka is slower than PostgreSQL.")
        .define(
            STALL_S,
            ConfigDef.Type.INT,
            30,
            Range.between(1, 86_400),
            Importance.LOW,
            "After this many seconds without an acknowledgement by Kafka, close the connection"
                + " to PostgreSQL until there is one, so that a server can shut down without"
                + " waiting.");
  }

  /** Returns advice about a record that is longer than this limit, for messages. */
  static String largerRecords(int maxRecordBytes) {
    return "setting="
        + MAX_RECORD_BYTES
        + (maxRecordBytes < MOST_RECORD_BYTES
            ? "; raise it, and the heap with it"
            : "; it cannot be raised: start a timeline of its own with --timeline and --start at an"
                + " LSN after this record");
  }

  static WalMapper mapper(ProduceConfig config) {
    return new WalMapper(
        config.string(UNREPRESENTABLE).equals("skip")
            ? WalMapper.Unrepresentable.REPORT
            : WalMapper.Unrepresentable.FAIL);
  }

  static Lsn end(ProduceConfig config) {
    return config.lsn(END).orElse(Lsn.MAX);
  }

  /** Returns the LSN to begin a new timeline at, empty for "now". */
  static Optional<Lsn> start(ProduceConfig config) {
    return config.string(START).equals(NOW) ? Optional.empty() : config.lsn(START);
  }

  static Optional<String> slot(ProduceConfig config) {
    Optional<String> slot = config.optional(SLOT);
    slot.filter(name -> !name.matches("[a-z0-9_]{1,63}"))
        .ifPresent(
            name -> {
              throw ProduceException.settings(
                  "not a slot's name, expected 1 to 63 of a-z, 0-9 and _: slot=" + name);
            });
    if (slot.isEmpty() && config.flag(CREATE_SLOT)) {
      throw ProduceException.settings("create-slot needs the name of the slot: set slot");
    }
    return slot;
  }

  static ReplicationConnection.Address address(ProduceConfig config) {
    String url = config.string(URL);
    if (!url.startsWith("jdbc:postgresql:")) {
      throw ProduceException.settings(
          "not a PostgreSQL URL, expected jdbc:postgresql://host:port/: url=" + shown(url));
    }
    checkParameters(url);
    return new ReplicationConnection.Address(
        url,
        config.optional(USER).orElse(null),
        config.secret(PASSWORD).orElse(null),
        "walstrata " + config.topic());
  }

  /**
   * Checks what the driver would check only when it connects, and report as a failed connection.
   */
  private static void checkParameters(String url) {
    Properties parameters = Driver.parseURL(url, null);
    if (parameters == null) {
      throw ProduceException.settings(
          "not a PostgreSQL URL, expected jdbc:postgresql://host:port/: url=" + shown(url));
    }
    try {
      SslMode.of(parameters);
    } catch (SQLException e) {
      throw ProduceException.settings(e.getMessage() + ": url=" + shown(url));
    }
    String target =
        String.valueOf(PGProperty.TARGET_SERVER_TYPE.getOrDefault(parameters))
            .toLowerCase(Locale.ROOT);
    if (target.equals("primary") || target.equals("master") || target.equals("preferprimary")) {
      throw ProduceException.settings(
          "a replication connection does not show whether the server is the primary:"
              + (" targetServerType=" + target + ", url=" + shown(url))
              + "; leave it out, and name the host to read from, which may be a standby: WAL that a"
              + " promotion lost is refused");
    }
  }

  /** Returns the URL without what may be a secret. */
  private static String shown(String url) {
    return new ReplicationConnection.Address(url, null, null, "").shown();
  }

  static Duration stall(ProduceConfig config) {
    return config.seconds(STALL_S);
  }
}
