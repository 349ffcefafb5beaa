package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Confluent's client sends, and what each answer means to readers and writers. */
@Timeout(60)
class ConfluentSchemaRegistryTest {
  private static final String BY_ID = "/schemas/ids/7";
  private static final String SUBJECT = "wal-io.walstrata.schemas.WalProgress";
  private static final String SCHEMA = WalMessageType.PROGRESS.schema().toString();

  private HttpRegistry http;

  ConfluentSchemaRegistryTest() throws IOException {
    http = new HttpRegistry();
  }

  @BeforeEach
  void answerOneSchema() {
    http.answer(BY_ID, 200, "{\"schema\":" + quoted(SCHEMA) + "}");
  }

  @AfterEach
  void close() {
    http.close();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private SchemaRegistry open(Object... keysAndValues) {
    Map<String, Object> settings = new HashMap<>(Map.of(WalSerdeConfig.URL, http.url()));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return SchemaRegistry.open(new WalSerdeConfig(settings));
  }

  private HttpRegistry.Request lastRequest() {
    return http.requests.get(http.requests.size() - 1);
  }

  private static String basic(String userInfo) {
    return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void byId_givesTheText() {
    assertThat(open().byId(7).text()).isEqualTo(SCHEMA);
    assertThat(open().byId(7).type()).isEqualTo("AVRO");
    assertThat(lastRequest().authorization()).isNull();
  }

  @Test
  void byId_otherType_isTold() {
    http.answer(BY_ID, 200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"message A {}\"}");

    assertThat(open().byId(7).type()).isEqualTo("PROTOBUF");
  }

  @Test
  void byId_withReferences_givesThemInOrder() {
    http.answer(
        BY_ID,
        200,
        "{\"schema\":\"top\",\"references\":"
            + "[{\"name\":\"a\",\"subject\":\"A\",\"version\":1},"
            + "{\"name\":\"b\",\"subject\":\"B\",\"version\":2}]}");
    http.answer(
        "/subjects/A/versions/1",
        200,
        "{\"subject\":\"A\",\"version\":1,\"id\":2,\"schema\":\"text of A\",\"references\":"
            + "[{\"name\":\"b\",\"subject\":\"B\",\"version\":2}]}");
    http.answer(
        "/subjects/B/versions/2",
        200,
        "{\"subject\":\"B\",\"version\":2,\"id\":3,\"schema\":\"text of B\"}");

    assertThat(open().byId(7).references()).containsExactly("text of B", "text of A");
  }

  @Test
  void byId_referenceMissing_isForeign() {
    http.answer(
        BY_ID,
        200,
        "{\"schema\":\"top\",\"references\":[{\"name\":\"a\",\"subject\":\"A\",\"version\":1}]}");
    http.otherwise(404, "{\"error_code\":40401,\"message\":\"Subject 'A' not found.\"}", 0);

    assertThatThrownBy(() -> open().byId(7))
        .isInstanceOf(ForeignSchemaException.class)
        .hasMessageContaining("schemaId=7");
  }

  @Test
  void byId_referencesThatAreTooLong_areForeign_andNotAllFetched() {
    String text = "x".repeat(WriterSchema.MAX_CHARS / 2);
    StringBuilder references = new StringBuilder();
    for (int i = 1; i <= 50; i++) {
      references.append(i == 1 ? "" : ",");
      references.append("{\"name\":\"a\",\"subject\":\"A\",\"version\":" + i + "}");
      if (i <= 3) { // the fourth is not there
        http.answer(
            "/subjects/A/versions/" + i,
            200,
            "{\"subject\":\"A\",\"version\":1,\"id\":2,\"schema\":\"" + text + "\"}");
      }
    }
    http.answer(BY_ID, 200, "{\"schema\":\"top\",\"references\":[" + references + "]}");

    assertThatThrownBy(() -> open().byId(7))
        .isInstanceOf(ForeignSchemaException.class)
        .hasMessageContaining("schemaId=7, chars=196608, most=131072");
  }

  @Test
  void byId_referencesInACircle_end() {
    http.answer(
        BY_ID,
        200,
        "{\"schema\":\"top\",\"references\":[{\"name\":\"a\",\"subject\":\"A\",\"version\":1}]}");
    http.answer(
        "/subjects/A/versions/1",
        200,
        "{\"subject\":\"A\",\"version\":1,\"id\":2,\"schema\":\"text of A\",\"references\":"
            + "[{\"name\":\"a\",\"subject\":\"A\",\"version\":1}]}");

    assertThat(open().byId(7).references()).containsExactly("text of A");
  }

  @Test
  void byId_notFound_isUnknown() {
    assertThatThrownBy(() -> open().byId(8))
        .isInstanceOf(UnknownSchemaIdException.class)
        .hasMessageContaining("schemaId=8")
        .hasMessageContaining("Schema not found");
  }

  /** None of these is an answer about the schema: they must never make a message bad. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "400 | {\"error_code\":400,\"message\":\"what?\"} | status=400",
        "401 | {\"error_code\":40101,\"message\":\"who?\"} | check its credentials",
        "403 | {\"error_code\":40301,\"message\":\"no\"} | check its credentials",
        "404 | <html>not here</html> | check schema.registry.url",
        "404 | {\"error_code\":404,\"message\":\"HTTP 404 Not Found\"} | check schema.registry.url",
        "404 | `` | check schema.registry.url",
        "408 | `` | status=408",
        "429 | {\"error_code\":42901,\"message\":\"slow down\"} | answer=slow down",
        "500 | {\"error_code\":50001,\"message\":\"store\"} | code=50001",
        "502 | <html>bad gateway</html> | status=502",
        "503 | `` | status=503",
        "504 | `` | status=504",
        "200 | <html>a login page</html> | JsonParseException",
        "200 | {} | empty answer",
        "200 | null | empty answer",
        "204 | `` | empty answer"
      })
  void byId_noUsableAnswer_isUnavailable(int status, String body, String expected) {
    http.answer(BY_ID, status, body);

    assertThatThrownBy(() -> open().byId(7))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContaining("schemaId=7")
        .hasMessageContaining(http.url())
        .hasMessageContaining(expected);
  }

  @Test
  void byId_slowAnswer_isUnavailable() {
    http.otherwise(200, "{}", 30_000);
    long start = System.nanoTime();

    assertThatThrownBy(() -> open(WalSerdeConfig.READ_TIMEOUT_MS, 200).byId(8))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContaining("SocketTimeoutException");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void byId_noRegistryThere_isUnavailable() throws IOException {
    assertThatThrownBy(() -> open(WalSerdeConfig.URL, "http://localhost:" + unusedPort()).byId(7))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContaining("ConnectException");
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void byId_afterAFailure_asksAgain() {
    http.answer(BY_ID, 503, "");
    SchemaRegistry registry = open();
    assertThatThrownBy(() -> registry.byId(7)).isInstanceOf(RegistryUnavailableException.class);

    answerOneSchema();

    assertThat(registry.byId(7).text()).isEqualTo(SCHEMA);
  }

  @Test
  void byId_firstUrlDead_usesTheSecond() throws IOException {
    String urls = "http://localhost:" + unusedPort() + "," + http.url();

    assertThat(open(WalSerdeConfig.URL, urls).byId(7).text()).isEqualTo(SCHEMA);
  }

  @Test
  void register_givesTheId() {
    http.answer("/subjects/" + SUBJECT + "/versions", 200, "{\"id\":42}");

    assertThat(open().register(SUBJECT, SCHEMA)).isEqualTo(42);
    assertThat(lastRequest().method()).isEqualTo("POST");
    assertThat(lastRequest().body()).contains("WalTimelineId");
  }

  @ParameterizedTest
  @CsvSource({"409, 409", "422, 42201", "404, 40401", "404, 40403"})
  void register_refused_isToldSo(int status, int code) {
    http.otherwise(status, "{\"error_code\":" + code + ",\"message\":\"because\"}", 0);

    assertThatThrownBy(() -> open().register(SUBJECT, SCHEMA))
        .isInstanceOf(SchemaRefusedException.class)
        .hasMessageContaining("subject=" + SUBJECT)
        .hasMessageContaining("because");
  }

  @ParameterizedTest
  @CsvSource({"500, 50001", "503, 0", "401, 40101", "429, 42901", "404, 404"})
  void register_noUsableAnswer_isUnavailable(int status, int code) {
    http.otherwise(status, "{\"error_code\":" + code + ",\"message\":\"later\"}", 0);
    SchemaRegistry registry = open();

    assertThatThrownBy(() -> registry.register(SUBJECT, SCHEMA))
        .isInstanceOf(RegistryUnavailableException.class);

    http.otherwise(200, "{\"id\":42}", 0);
    assertThat(registry.register(SUBJECT, SCHEMA)).as("failure is not kept").isEqualTo(42);
  }

  @Test
  void idOf_missing_isRefusedThenFound() {
    http.otherwise(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}", 0);
    SchemaRegistry registry = open();
    assertThatThrownBy(() -> registry.idOf(SUBJECT, SCHEMA))
        .isInstanceOf(SchemaRefusedException.class)
        .hasMessageContaining("auto.register.schemas=true");

    http.answer(
        "/subjects/" + SUBJECT, 200, "{\"subject\":\"s\",\"version\":1,\"id\":9,\"schema\":\"x\"}");
    assertThat(registry.idOf(SUBJECT, SCHEMA)).as("refusal is not kept").isEqualTo(9);
  }

  @Test
  void basicAuth_fromUserInfo() {
    open(
            WalSerdeConfig.BASIC_AUTH_SOURCE,
            "USER_INFO",
            WalSerdeConfig.BASIC_AUTH_USER_INFO,
            "me:secret")
        .byId(7);

    assertThat(lastRequest().authorization()).isEqualTo(basic("me:secret"));
  }

  @Test
  void basicAuth_fromUrl() {
    open(WalSerdeConfig.URL, http.urlWithUser("me:secret")).byId(7);

    assertThat(lastRequest().authorization()).isEqualTo(basic("me:secret"));
  }

  @Test
  void messages_doNotShowThePasswordOfTheUrl() {
    SchemaRegistry registry = open(WalSerdeConfig.URL, http.urlWithUser("me:secret"));
    http.otherwise(500, "", 0);

    assertThatThrownBy(() -> registry.byId(8))
        .hasMessageContaining("//***@localhost")
        .hasMessageNotContaining("secret");
  }

  @Test
  void basicAuth_fromSasl() {
    open(
            WalSerdeConfig.BASIC_AUTH_SOURCE,
            "SASL_INHERIT",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required"
                + " username=\"me\" password=\"secret\";")
        .byId(7);

    assertThat(lastRequest().authorization()).isEqualTo(basic("me:secret"));
  }

  @Test
  void bearerAuth_staticToken() {
    open(WalSerdeConfig.BEARER_AUTH_SOURCE, "STATIC_TOKEN", WalSerdeConfig.BEARER_AUTH_TOKEN, "abc")
        .byId(7);

    assertThat(lastRequest().authorization()).isEqualTo("Bearer abc");
  }

  @Test
  void bearerAuth_oauth() {
    String header = base64("{\"alg\":\"none\"}");
    long now = System.currentTimeMillis() / 1000;
    String claims =
        base64("{\"sub\":\"me\",\"iat\":" + now + ",\"exp\":" + (now + 3600) + ",\"scope\":\"s\"}");
    String token = header + "." + claims + "." + base64("signature");
    http.answer("/token", 200, "{\"access_token\":\"" + token + "\"}");

    open(
            WalSerdeConfig.BEARER_AUTH_SOURCE,
            "OAUTHBEARER",
            "bearer.auth.issuer.endpoint.url",
            http.url() + "/token",
            "bearer.auth.client.id",
            "id",
            "bearer.auth.client.secret",
            "secret",
            "bearer.auth.scope",
            "s",
            "bearer.auth.logical.cluster",
            "lsrc-1",
            "bearer.auth.identity.pool.id",
            "pool-1")
        .byId(7);

    assertThat(http.requests.get(0).path()).isEqualTo("/token");
    assertThat(http.requests.get(0).authorization()).isEqualTo(basic("id:secret"));
    assertThat(lastRequest().authorization()).isEqualTo("Bearer " + token);
  }

  @Test
  void bearerAuth_tokenEndpointAway_isUnavailable() {
    http.answer("/token", 400, "{\"error\":\"invalid_client\"}");

    assertThatThrownBy(
            () ->
                open(
                        WalSerdeConfig.BEARER_AUTH_SOURCE,
                        "OAUTHBEARER",
                        "bearer.auth.issuer.endpoint.url",
                        http.url() + "/token",
                        "bearer.auth.client.id",
                        "id",
                        "bearer.auth.client.secret",
                        "secret")
                    .byId(7))
        .isInstanceOf(RegistryUnavailableException.class)
        .hasMessageContaining("schemaId=7");
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void open_basicAndBearer_isRefused() {
    assertThatThrownBy(
            () ->
                open(
                    WalSerdeConfig.BASIC_AUTH_SOURCE,
                    "USER_INFO",
                    WalSerdeConfig.BASIC_AUTH_USER_INFO,
                    "a:b",
                    WalSerdeConfig.BEARER_AUTH_SOURCE,
                    "STATIC_TOKEN"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("basic.auth.credentials.source");
  }

  @Test
  void open_unknownCredentialsSource_isRefused() {
    assertThatThrownBy(() -> open(WalSerdeConfig.BASIC_AUTH_SOURCE, "MAGIC"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("basic.auth.credentials.source");
    assertThatThrownBy(() -> open(WalSerdeConfig.BEARER_AUTH_SOURCE, "MAGIC"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("bearer.auth.credentials.source");
  }

  @Test
  void tls_needsTheTrustStore(@TempDir Path folder) throws Exception {
    Path store = folder.resolve("keys.p12");
    SSLContext context = selfSigned(store);
    try (HttpRegistry https = HttpRegistry.withTls(context)) {
      https.answer(BY_ID, 200, "{\"schema\":" + quoted(SCHEMA) + "}");

      SchemaRegistry trusting =
          open(
              WalSerdeConfig.URL,
              https.url(),
              "schema.registry.ssl.truststore.location",
              store.toString(),
              "schema.registry.ssl.truststore.password",
              "changeit",
              "schema.registry.ssl.truststore.type",
              "PKCS12");
      assertThat(trusting.byId(7).text()).isEqualTo(SCHEMA);
      assertThatThrownBy(() -> open(WalSerdeConfig.URL, https.url()).byId(7))
          .isInstanceOf(RegistryUnavailableException.class)
          .hasMessageContaining("SSLHandshakeException");
    }
  }

  /** Makes a key for localhost with the JDK's keytool and returns a server's context with it. */
  private static SSLContext selfSigned(Path store) throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "registry",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .start();
    String output;
    try (InputStream in = keytool.getInputStream()) {
      output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(output).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
