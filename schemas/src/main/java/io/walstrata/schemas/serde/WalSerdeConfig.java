package io.walstrata.schemas.serde;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;

/**
 * Settings of the serde: those of Confluent's own serializers that apply, under the same names, and
 * how long to wait for a registry that is unavailable.
 */
public final class WalSerdeConfig extends AbstractConfig {
  public static final String URL = "schema.registry.url";
  public static final String AUTO_REGISTER = "auto.register.schemas";
  public static final String USE_LATEST = "use.latest.version";
  public static final String NORMALIZE = "normalize.schemas";
  public static final String SUBJECT_STRATEGY = "value.subject.name.strategy";
  public static final String BASIC_AUTH_SOURCE = "basic.auth.credentials.source";
  public static final String BASIC_AUTH_USER_INFO = "basic.auth.user.info";
  public static final String BEARER_AUTH_SOURCE = "bearer.auth.credentials.source";
  public static final String BEARER_AUTH_TOKEN = "bearer.auth.token";
  public static final String CONNECT_TIMEOUT_MS = "http.connect.timeout.ms";
  public static final String READ_TIMEOUT_MS = "http.read.timeout.ms";
  public static final String PROXY_HOST = "proxy.host";
  public static final String PROXY_PORT = "proxy.port";
  public static final String MAX_BLOCK_MS = "schema.registry.max.block.ms";
  public static final String BACKOFF_MS = "schema.registry.backoff.ms";
  public static final String BACKOFF_MAX_MS = "schema.registry.backoff.max.ms";

  /** The prefix of the TLS settings of Confluent's client: {@code schema.registry.ssl.…}. */
  private static final String SSL_PREFIX = "schema.registry.";

  private static final String BEARER = "bearer.auth.";

  private final SubjectNameStrategy subjectNameStrategy;

  /**
   * Reads the settings; names that are not the serde's are ignored, because Kafka clients pass
   * their own settings too.
   *
   * @throws ConfigException if a setting is missing or wrong
   */
  public WalSerdeConfig(Map<String, ?> settings) {
    super(configDef(), withoutNulls(settings), /* doLog= */ false);
    subjectNameStrategy = SubjectNameStrategy.parse(SUBJECT_STRATEGY, getString(SUBJECT_STRATEGY));
    if (urls().isEmpty()) {
      throw new ConfigException(URL, "", "must name at least one schema registry");
    }
    if (getLong(BACKOFF_MAX_MS) < getLong(BACKOFF_MS)) {
      throw new ConfigException(
          BACKOFF_MAX_MS, getLong(BACKOFF_MAX_MS), "must not be below " + BACKOFF_MS);
    }
  }

  private static Map<String, Object> withoutNulls(Map<String, ?> settings) {
    Map<String, Object> copy = new HashMap<>();
    settings.forEach(
        (key, value) -> {
          if (value != null) {
            copy.put(key, key.equals(SUBJECT_STRATEGY) ? nameOf(value) : value);
          }
        });
    return copy;
  }

  private static String nameOf(Object value) {
    return value instanceof Class<?> type ? type.getName() : value.toString();
  }

  /** Returns the declared settings with their types, defaults and documentation. */
  public static ConfigDef configDef() {
    ConfigDef def = new ConfigDef();
    defineSchemas(def);
    defineWaiting(def);
    defineCredentials(def);
    ConfigDef ssl = new ConfigDef();
    SslConfigs.addClientSslSupport(ssl);
    def.embed(SSL_PREFIX, "tls", 0, ssl);
    return def;
  }

  private static void defineSchemas(ConfigDef def) {
    def.define(
            URL,
            ConfigDef.Type.LIST,
            ConfigDef.NO_DEFAULT_VALUE,
            Importance.HIGH,
            "The schema registry: one URL, or several of one cluster separated by commas, which"
                + " are tried in turn. mock://NAME is a registry inside this process, for tests.")
        .define(
            AUTO_REGISTER,
            ConfigDef.Type.BOOLEAN,
            true,
            Importance.MEDIUM,
            "Whether a schema that the registry does not have yet is registered when the first"
                + " message is written. If not, it must be there.")
        .define(
            USE_LATEST,
            ConfigDef.Type.BOOLEAN,
            false,
            Importance.LOW,
            "Whether to write with the newest schema of the subject instead of the built-in one."
                + " Only without "
                + AUTO_REGISTER
                + ".")
        .define(
            NORMALIZE,
            ConfigDef.Type.BOOLEAN,
            false,
            Importance.LOW,
            "Whether the registry is asked to normalize the schema text before it compares.")
        .define(
            SUBJECT_STRATEGY,
            ConfigDef.Type.STRING,
            SubjectNameStrategy.TOPIC_RECORD_NAME.configName(),
            new NonEmptyString(),
            Importance.MEDIUM,
            "The subject of a schema: TopicRecordNameStrategy (topic-record), RecordNameStrategy"
                + " (record) or TopicNameStrategy (topic-value), with or without Confluent's"
                + " package.");
  }

  private static void defineWaiting(ConfigDef def) {
    def.define(
            CONNECT_TIMEOUT_MS,
            ConfigDef.Type.INT,
            5_000,
            Range.atLeast(1),
            Importance.LOW,
            "How long one connection to the registry may take to be made.")
        .define(
            READ_TIMEOUT_MS,
            ConfigDef.Type.INT,
            10_000,
            Range.atLeast(1),
            Importance.LOW,
            "How long the registry may take to answer one request.")
        .define(
            MAX_BLOCK_MS,
            ConfigDef.Type.LONG,
            60_000L,
            Range.atLeast(0),
            Importance.MEDIUM,
            "How long a registry that is away is waited for before the call fails. The ingest job"
                + " waits without end.")
        .define(
            BACKOFF_MS,
            ConfigDef.Type.LONG,
            100L,
            Range.atLeast(1),
            Importance.LOW,
            "The pause before the first retry; it doubles from retry to retry.")
        .define(
            BACKOFF_MAX_MS,
            ConfigDef.Type.LONG,
            10_000L,
            Range.atLeast(1),
            Importance.LOW,
            "The longest pause between retries.")
        .define(
            PROXY_HOST,
            ConfigDef.Type.STRING,
            "",
            Importance.LOW,
            "Proxy on the way to the registry.")
        .define(PROXY_PORT, ConfigDef.Type.INT, -1, Importance.LOW, "The proxy's port.");
  }

  private static void defineCredentials(ConfigDef def) {
    def.define(
            BASIC_AUTH_SOURCE,
            ConfigDef.Type.STRING,
            "",
            ConfigDef.ValidString.in("", "URL", "USER_INFO", "SASL_INHERIT"),
            Importance.MEDIUM,
            "Where user and password come from: URL (in the registry's URL; the default),"
                + " USER_INFO ("
                + BASIC_AUTH_USER_INFO
                + ") or SASL_INHERIT (sasl.jaas.config).")
        .define(
            BASIC_AUTH_USER_INFO,
            ConfigDef.Type.PASSWORD,
            "",
            Importance.MEDIUM,
            "user:password for the registry.")
        .define(
            BEARER_AUTH_SOURCE,
            ConfigDef.Type.STRING,
            "",
            ConfigDef.ValidString.in("", "STATIC_TOKEN", "OAUTHBEARER", "SASL_OAUTHBEARER_INHERIT"),
            Importance.MEDIUM,
            "Where a bearer token comes from: STATIC_TOKEN, OAUTHBEARER or"
                + " SASL_OAUTHBEARER_INHERIT. Not together with basic authentication.")
        .define(
            BEARER_AUTH_TOKEN, ConfigDef.Type.PASSWORD, "", Importance.MEDIUM, "The static token.")
        .define(
            BEARER + "issuer.endpoint.url",
            ConfigDef.Type.STRING,
            "",
            Importance.LOW,
            "OAuth: token URL.")
        .define(
            BEARER + "client.id", ConfigDef.Type.STRING, "", Importance.LOW, "OAuth: client id.")
        .define(
            BEARER + "client.secret",
            ConfigDef.Type.PASSWORD,
            "",
            Importance.LOW,
            "OAuth: its secret.")
        .define(BEARER + "scope", ConfigDef.Type.STRING, "", Importance.LOW, "OAuth: scope.")
        .define(
            BEARER + "scope.claim.name",
            ConfigDef.Type.STRING,
            "scope",
            Importance.LOW,
            "OAuth: its claim.")
        .define(
            BEARER + "sub.claim.name",
            ConfigDef.Type.STRING,
            "sub",
            Importance.LOW,
            "OAuth: subject claim.")
        .define(
            BEARER + "logical.cluster",
            ConfigDef.Type.STRING,
            "",
            Importance.LOW,
            "Target cluster.")
        .define(
            BEARER + "identity.pool.id",
            ConfigDef.Type.STRING,
            "",
            Importance.LOW,
            "Identity pool.")
        .define(
            BEARER + "cache.expiry.buffer.seconds",
            ConfigDef.Type.SHORT,
            (short) 300,
            Importance.LOW,
            "OAuth: how long before its end a token is renewed.");
  }

  public List<String> urls() {
    return getList(URL).stream().filter(url -> !url.isBlank()).toList();
  }

  public SubjectNameStrategy subjectNameStrategy() {
    return subjectNameStrategy;
  }

  /** Returns a retry helper with the configured pauses. */
  public RegistryRetry retry() {
    return new RegistryRetry(
        Duration.ofMillis(getLong(BACKOFF_MS)), Duration.ofMillis(getLong(BACKOFF_MAX_MS)));
  }

  /**
   * Returns the settings in the form that Confluent's client takes: text under the same names,
   * those that are not declared here too, without empty ones.
   */
  Map<String, Object> clientSettings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    originals().forEach((key, value) -> put(settings, key, value));
    values().keySet().stream()
        .filter(key -> !key.startsWith(SSL_PREFIX + "ssl."))
        .forEach(key -> put(settings, key, get(key)));
    if (!settings.containsKey(BEARER_AUTH_SOURCE)) {
      settings.putIfAbsent(BASIC_AUTH_SOURCE, "URL");
    }
    return settings;
  }

  private static void put(Map<String, Object> settings, String key, Object value) {
    if (value instanceof Short) {
      // The one setting that the client does not read as text.
      settings.put(key, value);
      return;
    }
    String text;
    if (value instanceof Password password) {
      text = password.value();
    } else if (value instanceof List<?> list) {
      text = list.stream().map(String::valueOf).collect(Collectors.joining(","));
    } else {
      text = value == null ? "" : nameOf(value);
    }
    if (!text.isEmpty()) {
      settings.put(key, text);
    }
  }
}
