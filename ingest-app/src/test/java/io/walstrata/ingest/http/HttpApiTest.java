package io.walstrata.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TIMELINE = "/v1/timelines/" + FakeReads.TIMELINE;
  private static final String PAGES = TIMELINE + "/pages/";

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Health.Report WELL = new Health.Report(true, true, "RUNNING", List.of());
  private static volatile Health.Report health = WELL;
  private static HttpApi api;

  @BeforeAll
  static void start() throws IOException {
    api = start(new FakeReads(), Peers.NONE);
  }

  private static HttpApi start(LayerReads reads, Peers peers) throws IOException {
    return HttpApi.start(
        "127.0.0.1",
        0,
        reads,
        FakeReads.insight(() -> health),
        peers,
        ValueDescriber.LENGTH,
        HttpApi.Options.DEFAULTS
            .withChecksums((key, page, isComputed) -> page[8] = (byte) (isComputed ? 1 : 0))
            .withSizes(new FakeSizes()));
  }

  /** Files have the size of the answer for one of their pages; fork 1 has none. */
  private static final class FakeSizes implements FileSizes {
    @Override
    public @Nullable PageKey sizeKey(PageKey key) {
      return key.fork() == 1 ? null : key;
    }

    @Override
    public Size size(byte[] page) {
      return new Size(page[9], "exact");
    }
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @BeforeEach
  void beWell() {
    health = WELL;
  }

  private HttpResponse<String> send(String method, String path, String... headers)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + api.port() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode getOk(String path) throws Exception {
    HttpResponse<String> response = send("GET", path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type").orElse(""))
        .startsWith("application/json");
    return JSON.readTree(response.body());
  }

  @Test
  void timelines_areListedWithTheirLsns() throws Exception {
    assertThat(getOk("/v1/timelines"))
        .isEqualTo(
            JSON.readTree(
                """
                {"timelines":[{"timeline":"00112233445566778899aabbccddeeff","partitions":["wal-3"],"firstLsn":"0/100",
                "consistentFrom":"0/180","lastLsn":"0/500","durableLsn":"0/400","layers":1,"versions":3,"sizeBytes":4096,
                "durableDigest":"000000000000002a"}]}
                """));
  }

  @Test
  void layers_areListedWithTheirRanges() throws Exception {
    assertThat(getOk(TIMELINE + "/layers"))
        .isEqualTo(
            JSON.readTree(
                """
                {"timeline":"00112233445566778899aabbccddeeff","layers":[{"name":"the-layer",
                "state":"delta","startKey":"000000000000000000000000000000000000",
                "endKey":"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF","startLsn":"0/100",
                "endLsn":"0/501","startOffset":7,"endOffset":42,"versions":3,"tombstones":1,
                "sizeBytes":4096,"freezeReason":"policy"}]}
                """));
  }

  @Test
  void page_hasBaseRecordsAndLayers() throws Exception {
    assertThat(getOk(PAGES + FakeReads.key(FakeReads.COMPLETE) + "?lsn=0/200&explain=true"))
        .isEqualTo(
            JSON.readTree(
                """
                {"timeline":"00112233445566778899aabbccddeeff",
                "key":{"hex":"000000067F00000005000040000000000001",
                "dotted":"1663.5.16384.0.1","kind":0,"spc":1663,"db":5,
                "rel":16384,"fork":0,"block":1},
                "asOf":"0/200","firstLsn":"0/100","lastLsn":"0/500","status":"complete","complete":true,
                "base":{"lsn":"0/100","length":3},
                "records":[{"lsn":"0/200","willInit":false,"length":1,
                "description":"wal record, 1 bytes"}],
                "layersVisited":[{"name":"the-layer","state":"delta"}]}
                """));
  }

  @Test
  void page_withBytes_hasThemInBase64() throws Exception {
    JsonNode page = getOk(PAGES + FakeReads.key(FakeReads.COMPLETE) + "?bytes=base64");
    assertThat(page.at("/base/bytes").binaryValue()).containsExactly(1, 2, 3);
    assertThat(page.at("/records/0/bytes").binaryValue()).containsExactly(9);
    assertThat(page.at("/asOf").asText()).isEqualTo("0/500");
  }

  @Test
  void page_keyInHexAndEscapedLsn_isTheSame() throws Exception {
    JsonNode byFields = getOk(PAGES + FakeReads.key(FakeReads.COMPLETE) + "?lsn=0/200");
    assertThat(getOk(PAGES + "000000067F00000005000040000000000001?lsn=0%2F200"))
        .isEqualTo(byFields);
  }

  @Test
  void pageBytes_haveWhatTheyAreInHeaders() throws Exception {
    HttpResponse<byte[]> page = bytes(FakeReads.COMPLETE, "?lsn=0/200");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).hasSize(8192);
    assertThat(page.body()[8]).isEqualTo((byte) 1);
    assertThat(page.headers().firstValue("content-type")).hasValue("application/octet-stream");
    assertThat(page.headers().firstValue("content-length")).hasValue("8192");
    Map<String, String> expected =
        Map.of(
            "walstrata-timeline", FakeReads.TIMELINE.toString(),
            "walstrata-key", "000000067F00000005000040000000000001",
            "walstrata-as-of", "0/200",
            "walstrata-version-lsn", "0/200",
            "walstrata-base-lsn", "0/100",
            "walstrata-records-applied", "1",
            "walstrata-cache", "hit",
            "walstrata-assumed", "hint bits are logged: false");
    expected.forEach(
        (name, value) -> assertThat(page.headers().firstValue(name)).as(name).hasValue(value));
    assertThat(bytes(FakeReads.COMPLETE, "?checksum=none").body()[8]).isEqualTo((byte) 0);
  }

  private static HttpResponse<byte[]> bytes(long how, String query) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + api.port() + PAGES + FakeReads.key(how) + query))
            .header("Accept", "text/html, application/octet-stream;q=0.9")
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  @ParameterizedTest
  @CsvSource({
    "2, 422, page_refused, missing_base",
    "3, 404, page_dropped,",
    "4, 404, before_history, before_history",
    "5, 500, layer_corrupt,",
    "6, 503, not_ready,",
  })
  void pageThatCannotBeMade_isAnErrorInJson(long how, int status, String code, String reason)
      throws Exception {
    HttpResponse<byte[]> response = bytes(how, "");
    assertThat(response.statusCode()).isEqualTo(status);
    JsonNode error = JSON.readTree(response.body());
    assertThat(error.at("/code").asText()).isEqualTo(code);
    assertThat(error.path("reason").asText(null)).isEqualTo(reason);
    assertThat(error.has("recordLsn")).isEqualTo(how == FakeReads.INCOMPLETE);
  }

  @Test
  void page_inJson_isBesideWhatItWasMadeFrom() throws Exception {
    JsonNode answer = getOk(PAGES + FakeReads.key(FakeReads.COMPLETE) + "?lsn=0/200&page=base64");
    assertThat(answer.at("/records")).hasSize(1);
    assertThat(answer.at("/page/bytes").binaryValue()).hasSize(8192);
    assertThat(answer.at("/page/recordsApplied").intValue()).isEqualTo(1);
    assertThat(answer.at("/page/versionLsn").asText()).isEqualTo("0/200");
    assertThat(answer.at("/lastLsn").asText()).isEqualTo("0/500");

    JsonNode refused = getOk(PAGES + FakeReads.key(FakeReads.INCOMPLETE) + "?page=base64");
    assertThat(refused.at("/page/refused/reason").asText()).isEqualTo("missing_base");
    assertThat(refused.at("/page").has("bytes")).isFalse();
  }

  @Test
  void page_withoutBase_isIncomplete() throws Exception {
    JsonNode page = getOk(PAGES + FakeReads.key(FakeReads.INCOMPLETE));
    assertThat(page.at("/status").asText()).isEqualTo("incomplete");
    assertThat(page.at("/complete").booleanValue()).isFalse();
    assertThat(page.has("base")).isFalse();
    assertThat(page.at("/records")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "404, timeline_not_found, /v1/timelines/ffffffffffffffffffffffffffffffff/layers",
    "404, timeline_not_found, /v1/timelines/ffffffffffffffffffffffffffffffff/pages/1.1.1.0.1",
    "400, bad_timeline, /v1/timelines/xyz/layers",
    "400, bad_timeline, /v1/timelines/00112233445566778899aabbccddeeff00/pages/1.1.1.0.1",
    "400, bad_timeline, /v1/timelines/%D9%A0/layers",
    "404, timeline_not_found, /v1/timelines/01/layers",
    "400, bad_parameter, PAGES/1663.5.16384.0.1?lsn=0/1%FF",
    "400, bad_parameter, PAGES/1663.5.16384.0.1?explain=yes",
    "400, bad_parameter, PAGES/1663.5.16384.0.1?bytes=base64&bytes=base64",
    "400, bad_parameter, PAGES/1663.5.16384.0.1?l%73n=0/200&lsn=0/200",
    "400, bad_parameter, /metrics?x=1",
    "400, bad_parameter, /health/live?x",
    "400, bad_lsn, PAGES/1663.5.16384.0.1?lsn=0/%D9%A1",
    "400, bad_key, PAGES/1663.5.16384.0.%D9%A1",
    "400, bad_key, PAGES/+1663.5.16384.0.1",
    "400, bad_key, PAGES/1.2.3",
    "400, bad_key, PAGES/65535.1.1.0.1",
    "400, bad_key, PAGES/FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    "400, bad_lsn, PAGES/1663.5.16384.0.1?lsn=500",
    "400, bad_lsn, PAGES/1663.5.16384.0.1?lsn=",
    "400, bad_lsn, PAGES/1663.5.16384.0.1?lsn=0/0",
    "400, bad_parameter, PAGES/1663.5.16384.0.1?lns=0/100",
    "400, bad_parameter, PAGES/1663.5.16384.0.1?lsn=0/100&lsn=0/200",
    "400, bad_parameter, PAGES/1663.5.16384.0.1?bytes=hex",
    "400, bad_parameter, /v1/timelines?lsn=0/100",
    "400, bad_parameter, /v1/timelines?local=yes",
    "400, bad_parameter, /v1/status?local=true",
    "409, lsn_not_reached, PAGES/1663.5.16384.0.1?lsn=0/501",
    "409, lsn_not_reached, PAGES/1663.5.16384.0.4?lsn=FFFFFFFF/FFFFFFFF",
    "409, timeline_split, PAGES/1663.5.16384.0.8",
    "404, page_dropped, PAGES/1663.5.16384.0.3",
    "404, before_history, PAGES/1663.5.16384.0.4",
    "500, layer_corrupt, PAGES/1663.5.16384.0.5",
    "503, not_ready, PAGES/1663.5.16384.0.6",
    "500, internal_error, PAGES/1663.5.16384.0.7",
    "404, not_found, /v1/timeline",
    "404, not_found, /v1",
    "404, not_found, /v1/timelines/x/pages",
  })
  void errors_haveTheirStatusAndCode(int status, String code, String path) throws Exception {
    HttpResponse<String> response = send("GET", path.replace("PAGES/", PAGES));
    JsonNode error = JSON.readTree(response.body());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(error.at("/status").intValue()).isEqualTo(status);
    assertThat(error.at("/code").asText()).isEqualTo(code);
    assertThat(error.at("/message").asText()).isNotBlank();
  }

  @Test
  void errors_sayWhatHelps() throws Exception {
    JsonNode notReached = error(PAGES + FakeReads.key(FakeReads.COMPLETE) + "?lsn=1/0");
    assertThat(notReached.at("/lastLsn").asText()).isEqualTo("0/500");
    JsonNode dropped = error(PAGES + FakeReads.key(FakeReads.DROPPED));
    assertThat(dropped.at("/droppedAt").asText()).isEqualTo("0/300");
    JsonNode older = error(PAGES + FakeReads.key(FakeReads.BEFORE_HISTORY) + "?lsn=0/50");
    assertThat(older.at("/firstLsn").asText()).isEqualTo("0/100");
    assertThat(older.at("/lastLsn").asText()).isEqualTo("0/500");
    assertThat(older.at("/message").asText()).contains("1663.5.16384.0.4", "firstLsn=0/100");
    JsonNode corrupt = error(PAGES + FakeReads.key(FakeReads.CORRUPT));
    assertThat(corrupt.at("/message").asText()).contains("file=home/the-layer", "offset=12");
    assertThat(
            send("GET", PAGES + FakeReads.key(FakeReads.NOT_READY))
                .headers()
                .firstValue("retry-after"))
        .hasValue("1");
  }

  private JsonNode error(String path) throws Exception {
    return JSON.readTree(send("GET", path).body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1/timelines",
        "/v1/status",
        "/metrics",
        "/health/live",
        "/health/ready",
        "PAGES/1663.5.16384.0.1",
        "/v1/timelines/-/layers"
      })
  void otherMethods_areRefusedWithThoseThatThereAre(String named) throws Exception {
    String path = named.replace("PAGES/", PAGES);
    for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW")) {
      HttpResponse<String> response = send(method, path);
      assertThat(response.statusCode()).as(method).isEqualTo(405);
      assertThat(response.headers().firstValue("allow")).hasValue("GET, HEAD, OPTIONS");
      assertThat(JSON.readTree(response.body()).at("/code").asText())
          .isEqualTo("method_not_allowed");
    }
    HttpResponse<String> options = send("OPTIONS", path);
    assertThat(options.statusCode()).isEqualTo(204);
    assertThat(options.headers().firstValue("allow")).hasValue("GET, HEAD, OPTIONS");
    HttpResponse<String> head = send("HEAD", path);
    assertThat(head.statusCode()).isEqualTo(send("GET", path).statusCode());
    assertThat(head.body()).isEmpty();
  }

  @Test
  void head_hasTheStatusOfGet() throws Exception {
    health = new Health.Report(true, false, "REBALANCING", List.of("restoring"));
    for (String path :
        List.of(
            "/health/ready",
            "/nothing",
            PAGES + FakeReads.key(FakeReads.DROPPED),
            PAGES + FakeReads.key(FakeReads.NOT_READY),
            PAGES + FakeReads.key(FakeReads.COMPLETE) + "?lsn=1/0")) {
      assertThat(send("HEAD", path).statusCode())
          .as(path)
          .isEqualTo(send("GET", path).statusCode());
    }
    assertThat(send("HEAD", "/health/ready").statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/metrics",
        "/v1/status",
        "/v1/timelines",
        "/v1/timelines/-/layers",
        "/v1/timelines/-/pages/1663.5.16384.0.1",
        "/v1/timelines/-/pages/1663.5.16384.0.3",
        "/health/live",
        "/nothing"
      })
  void head_hasTheLengthOfGet_orNone(String path) throws Exception {
    HttpResponse<String> get = send("GET", path);
    HttpResponse<String> head = send("HEAD", path);
    long length = get.body().getBytes(StandardCharsets.UTF_8).length;
    assertThat(head.headers().firstValueAsLong("content-length").orElse(length)).isEqualTo(length);
    assertThat(head.headers().firstValue("content-type"))
        .isEqualTo(get.headers().firstValue("content-type"));
  }

  @Test
  void size_isThatOfTheFileWithThePage() throws Exception {
    JsonNode size = getOk(TIMELINE + "/sizes/" + FakeReads.key(FakeReads.COMPLETE) + "?lsn=0/200");
    assertThat(size.at("/key/dotted").asText()).isEqualTo("1663.5.16384.0.1");
    assertThat(size.at("/asOf").asText()).isEqualTo("0/200");
    assertThat(size.at("/blocks").asLong()).isEqualTo(77);
    assertThat(size.at("/bytes").asLong()).isEqualTo(77 * 8192);
    assertThat(size.at("/bound").asText()).isEqualTo("exact");
    assertThat(size.at("/assumptions/0").asText()).isEqualTo("hint bits are logged: false");
  }

  @Test
  void size_ofWhatHasNone_isABadKey() throws Exception {
    HttpResponse<String> response = send("GET", TIMELINE + "/sizes/1663.5.16384.1.1");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(response.body()).at("/code").asText()).isEqualTo("bad_key");
  }

  @Test
  void index_linksToEverything() throws Exception {
    JsonNode index = getOk("/");
    assertThat(index.at("/name").asText()).isEqualTo("walstrata");
    assertThat(index.at("/links")).hasSize(8);
    for (JsonNode link : index.at("/links")) {
      String href =
          link.at("/href")
              .asText()
              .replace("{timeline}", "-")
              .replace("{key}", FakeReads.key(FakeReads.COMPLETE))
              .replaceAll("\\{\\?.*\\}", "");
      assertThat(send("GET", href).statusCode()).as(href).isEqualTo(200);
    }
  }

  /** Sends what no client would, and returns the answer's head and body. */
  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", api.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, 'GET\\r\\n\\r\\n'",
    "400, 'GET /v1/timelines HTTP/1.1\\r\\n\\r\\n'",
    "400, 'GET /v1/timelines HTTP/1.1\\r\\nHost: a b\\r\\n\\r\\n'",
    "505, 'GET /v1/timelines HTTP/3.7\\r\\nHost: a\\r\\n\\r\\n'",
    "431, 'GET /v1/timelines HTTP/1.1\\r\\nHost: a\\r\\nX: LONG\\r\\n\\r\\n'",
    "414, 'GET /LONG HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'",
    "400, 'GET /v1/%zz HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'",
  })
  void whatIsNoRequest_isAnsweredLikeAnyError(int status, String request) throws Exception {
    String answer =
        raw(request.replace("\\r", "\r").replace("\\n", "\n").replace("LONG", "x".repeat(8_300)));
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    String body = answer.substring(answer.indexOf("\r\n\r\n"));
    JsonNode error = JSON.readTree(body);
    assertThat(error.at("/code").asText()).as(answer).isEqualTo("bad_request");
    assertThat(error.at("/status").intValue()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lsn=0/1%", "lsn=0/1%2", "lsn=0/1%zz", "lsn=%C3", "%=1", "bytes=%GG"})
  void queryThatCannotBeDecoded_isNoQuestion(String query) throws Exception {
    String answer =
        raw(
            "GET "
                + PAGES
                + FakeReads.key(FakeReads.COMPLETE)
                + "?"
                + query
                + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"code\":\"bad_");
  }

  @Test
  void entityTag_isThereOnlyWhereNothingCanChange() throws Exception {
    String page = PAGES + FakeReads.key(FakeReads.COMPLETE);
    HttpResponse<String> past = send("GET", page + "?lsn=0/200");
    String etag = past.headers().firstValue("etag").orElseThrow();
    assertThat(etag).startsWith("\"");
    assertThat(past.body()).doesNotContain("lastLsn", "layersVisited");
    for (String header : List.of(etag, "*", "\"x\", " + etag, "W/" + etag)) {
      HttpResponse<String> unchanged = send("GET", page + "?lsn=0/200", "If-None-Match", header);
      assertThat(unchanged.statusCode()).as(header).isEqualTo(304);
      assertThat(unchanged.body()).isEmpty();
      assertThat(unchanged.headers().firstValue("etag")).hasValue(etag);
    }
    assertThat(send("GET", page + "?lsn=0/200", "If-None-Match", "\"x\"").statusCode())
        .isEqualTo(200);
    List<String> tags = new ArrayList<>(List.of(etag));
    for (String other : List.of("?lsn=0/201", "?lsn=0/200&bytes=base64")) {
      tags.add(send("GET", page + other).headers().firstValue("etag").orElseThrow());
    }
    assertThat(tags).doesNotHaveDuplicates();
    for (String path :
        List.of(
            page,
            page + "?lsn=0/500", // more can come there
            page + "?lsn=0/200&explain=true",
            PAGES + FakeReads.key(FakeReads.DROPPED) + "?lsn=0/300",
            "/v1/timelines",
            TIMELINE + "/layers",
            "/v1/status",
            "/metrics",
            "/health/live")) {
      HttpResponse<String> response = send("GET", path, "If-None-Match", "*");
      assertThat(response.headers().firstValue("etag")).as(path).isEmpty();
      assertThat(response.statusCode()).isNotEqualTo(304);
    }
  }

  @Test
  void timeline_mayBeShortenedOrLeftOut() throws Exception {
    JsonNode layers = getOk(TIMELINE + "/layers");
    for (String name : List.of("-", "0", "0011", "00112233445566778899AABBCCDDEEF")) {
      assertThat(getOk("/v1/timelines/" + name + "/layers")).isEqualTo(layers);
    }
  }

  @Test
  void status_andMetrics_areAnswered() throws Exception {
    assertThat(getOk("/v1/status").at("/instance").asText()).isEqualTo("here:1");
    HttpResponse<String> metrics = send("GET", "/metrics");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("content-type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.body()).isEqualTo("# TYPE fake gauge\nfake 1.0\n");
  }

  @Test
  void health_distinguishesLiveFromReady() throws Exception {
    assertThat(getOk("/health/live").at("/status").asText()).isEqualTo("up");
    assertThat(getOk("/health/ready").at("/status").asText()).isEqualTo("ready");

    health = new Health.Report(true, false, "REBALANCING", List.of("restoring"));
    assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
    HttpResponse<String> ready = send("GET", "/health/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(ready.body()))
        .isEqualTo(
            JSON.readTree(
                """
                {"status":"not_ready","state":"REBALANCING","reasons":["restoring"]}
                """));

    health = new Health.Report(false, false, "ERROR", List.of("bad record"));
    assertThat(send("GET", "/health/live").statusCode()).isEqualTo(503);
  }

  @Test
  void start_onATakenPort_saysWhichSetting() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () ->
                  HttpApi.start(
                      "127.0.0.1",
                      taken.getLocalPort(),
                      new FakeReads(),
                      FakeReads.insight(() -> health),
                      Peers.NONE,
                      ValueDescriber.LENGTH))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("http.port")
          .hasMessageContaining("port=" + taken.getLocalPort());
    }
  }

  @Test
  void documentation_listsEveryCodeWithItsStatus() throws Exception {
    String text = Files.readString(Path.of("docs/http.md"));
    assertThat(Arrays.stream(Errors.Code.values()))
        .allSatisfy(
            code -> assertThat(text).contains("| " + code.status() + " | `" + code.text() + "` |"));
  }
}
