package io.walstrata.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three instances, of which each one has a timeline of its own or none. */
class ForwardingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final TimelineId ELSEWHERE = TimelineId.parse("ab".repeat(16));
  private static final String PAGE =
      "/v1/timelines/" + FakeReads.TIMELINE + "/pages/" + FakeReads.key(FakeReads.COMPLETE);

  /** Has no timeline, and counts how often it was asked for one. */
  private static final class NoReads implements LayerReads {
    final AtomicInteger asked = new AtomicInteger();
    volatile ReadAnswer.@Nullable None<?> none;
    volatile List<Located> timelines = List.of(located(ELSEWHERE, "wal-0", 0x100));

    /** Not found, unless it is another reason that the test has set. */
    private <T> ReadAnswer<T> none(ReadAnswer<T> usually) {
      ReadAnswer.None<?> now = none;
      return now == null ? usually : ofType(now);
    }

    @SuppressWarnings("unchecked") // without a value there is nothing of the type
    private static <T> ReadAnswer<T> ofType(ReadAnswer.None<?> none) {
      return (ReadAnswer<T>) none;
    }

    private <T> ReadAnswer<T> asked(TimelineId timeline) {
      asked.incrementAndGet();
      return none(new ReadAnswer.UnknownTimeline<>(timeline));
    }

    @Override
    public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
      return none(new ReadAnswer.Found<>(timelines));
    }

    @Override
    public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
      return asked(timeline);
    }

    @Override
    public ReadAnswer<ReconstructData> page(
        TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
      return asked(timeline);
    }

    @Override
    public ReadAnswer<PageRead> redonePage(
        TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
      return asked(timeline);
    }
  }

  private final NoReads askedReads = new NoReads();
  private final NoReads emptyReads = new NoReads();
  private volatile List<String> missing = List.of();
  private volatile List<String> others = List.of();
  private volatile boolean hasStandbys;
  private HttpApi owner;
  private HttpApi empty;
  private HttpApi asked;

  @BeforeEach
  void start() throws IOException {
    owner = start(new FakeReads(), Peers.NONE);
    empty = start(emptyReads, Peers.NONE);
    asked =
        start(
            askedReads, () -> new ReadAnswer.Found<>(new Peers.View(others, missing, hasStandbys)));
    others = List.of(address(empty), address(owner));
  }

  private static HttpApi start(LayerReads reads, Peers peers) throws IOException {
    Health.Report well = new Health.Report(true, true, "RUNNING", List.of());
    return HttpApi.start(
        "127.0.0.1", 0, reads, FakeReads.insight(() -> well), peers, ValueDescriber.LENGTH);
  }

  @AfterEach
  void stop() {
    asked.close();
    empty.close();
    owner.close();
  }

  private static String address(HttpApi api) {
    return "127.0.0.1:" + api.port();
  }

  private static HttpResponse<String> get(HttpApi api, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + address(api) + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private void assertFails(String path, int status, String code, String... words) throws Exception {
    HttpResponse<String> response = get(asked, path);
    JsonNode error = JSON.readTree(response.body());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(error.at("/code").asText()).isEqualTo(code);
    for (String word : words) {
      assertThat(error.at("/message").asText()).contains(word);
    }
  }

  @Test
  void pagesAndLayers_areGotFromWhoHasThem() throws Exception {
    for (String path :
        List.of(
            PAGE,
            PAGE + "?lsn=0%2F200&bytes=base64",
            PAGE.replace(FakeReads.TIMELINE.toString(), "0011"),
            "/v1/timelines/" + FakeReads.TIMELINE + "/layers")) {
      HttpResponse<String> direct = get(owner, path);
      HttpResponse<String> passedOn = get(asked, path);
      assertThat(passedOn.statusCode()).isEqualTo(200);
      assertThat(passedOn.body()).isEqualTo(direct.body());
      assertThat(passedOn.headers().firstValue("content-type").orElse(""))
          .startsWith("application/json");
      assertThat(passedOn.headers().firstValue("walstrata-instance")).hasValue(address(owner));
    }
    assertThat(emptyReads.asked).as("the owner is remembered").hasValue(1);
  }

  @Test
  void pageBytes_areGotFromWhoHasThem_withTheirHeaders() throws Exception {
    HttpResponse<String> direct = get(owner, PAGE, "Accept", "application/octet-stream");
    HttpResponse<String> passedOn = get(asked, PAGE, "Accept", "application/octet-stream");
    assertThat(passedOn.statusCode()).isEqualTo(200);
    assertThat(passedOn.body()).isEqualTo(direct.body()).hasSize(8192);
    for (String header : List.of("content-type", "walstrata-version-lsn", "walstrata-cache")) {
      assertThat(passedOn.headers().firstValue(header))
          .isNotEmpty()
          .isEqualTo(direct.headers().firstValue(header));
    }
  }

  @Test
  void entityTag_isThatOfTheOwner() throws Exception {
    String path = PAGE + "?lsn=0/200";
    String etag = get(owner, path).headers().firstValue("etag").orElseThrow();
    assertThat(get(asked, path).headers().firstValue("etag")).hasValue(etag);
    HttpResponse<String> unchanged = get(asked, path, "If-None-Match", etag);
    assertThat(unchanged.statusCode()).isEqualTo(304);
    assertThat(unchanged.headers().firstValue("etag")).hasValue(etag);
  }

  @Test
  void timelineByPrefix_isLookedForEverywhere() throws Exception {
    assertFails("/v1/timelines/-/layers", 400, "timeline_ambiguous", "matches=2");
    assertFails("/v1/timelines/c/layers", 404, "timeline_not_found");
    assertThat(get(asked, "/v1/timelines/00/layers").statusCode()).isEqualTo(200);
  }

  @Test
  void errorsOfTheOwner_areTheAnswer() throws Exception {
    String pages = "/v1/timelines/" + FakeReads.TIMELINE + "/pages/";
    assertFails(PAGE + "?lsn=1/0", 409, "lsn_not_reached");
    assertFails(pages + FakeReads.key(FakeReads.BEFORE_HISTORY), 404, "before_history");
    assertFails(pages + FakeReads.key(FakeReads.CORRUPT), 500, "layer_corrupt");
  }

  @Test
  void laggingStandby_asksTheOwner() throws Exception {
    Lsn asOf = new Lsn(0x300);
    askedReads.none = new ReadAnswer.NotReached<>(FakeReads.TIMELINE, asOf, new Lsn(0x200));
    emptyReads.none = new ReadAnswer.NotReached<>(FakeReads.TIMELINE, asOf, new Lsn(0x250));
    assertFails(PAGE + "?lsn=0/300", 409, "lsn_not_reached", "lastLsn=0/200");
    assertThat(emptyReads.asked).hasValue(0);
    hasStandbys = true;
    assertThat(get(asked, PAGE + "?lsn=0/300").statusCode()).isEqualTo(200);
    others = List.of(address(empty));
    assertFails(PAGE + "?lsn=0/300", 409, "lsn_not_reached", "lastLsn=0/250");
    askedReads.none = new ReadAnswer.NotReached<>(FakeReads.TIMELINE, asOf, new Lsn(0x260));
    assertFails(PAGE + "?lsn=0/300", 409, "lsn_not_reached", "lastLsn=0/260");
  }

  @Test
  void unknownEverywhere_isUnknown() throws Exception {
    others = List.of(address(empty));
    assertFails(PAGE, 404, "timeline_not_found");
  }

  @Test
  void rememberedOwnerWithoutTheTimeline_isAskedNoMore() throws Exception {
    assertThat(get(asked, PAGE).statusCode()).isEqualTo(200);
    int port = owner.port();
    owner.close();
    owner = start(emptyReads, Peers.NONE);
    others = List.of(address(owner), "127.0.0.1:" + port);
    assertFails(PAGE, 503, "peer_unavailable", "instance=127.0.0.1:" + port);
    others = List.of(address(owner));
    assertFails(PAGE, 404, "timeline_not_found");
  }

  @Test
  void instanceAway_isNamed_unlessAnotherOneKnows() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String away = "127.0.0.1:" + port;
    others = List.of(away, address(empty));
    assertFails(PAGE, 503, "peer_unavailable", "instance=" + away);
    assertFails("/v1/timelines", 503, "peer_unavailable", "instance=" + away);
    others = List.of(away, address(owner));
    assertThat(get(asked, PAGE).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "404, text/plain, nothing here",
    "404, application/json, {\"error\":\"nothing here\"}",
    "404, application/json, '{\"code\":\"timeline_not_found\",\"status\":404,\"message\":\"no\"}'",
    "200, application/json, {\"timelines\":[]}",
    "503, application/json, {",
  })
  void whatIsNotAJob_isNoAnswer(int status, String type, String body) throws Exception {
    HttpServer other = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    other.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", type);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    try {
      other.start();
      String address = "127.0.0.1:" + other.getAddress().getPort();
      others = List.of(address);
      String[] words = {"instance=" + address, "status=" + status, "advertised.http.address"};
      assertFails(PAGE, 502, "peer_invalid", words);
      assertFails("/v1/timelines", 502, "peer_invalid", words);
      others = List.of(address, address(owner));
      assertThat(get(asked, PAGE).statusCode()).as("who has it is asked too").isEqualTo(200);
    } finally {
      other.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"500, <html>", "404, {}", "409, {", "503, []", "302, moved"})
  void failureThatIsNoJobs_isNoAnswer(int status, String body) throws Exception {
    HttpServer other = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    other.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set(PeerClient.API, PeerClient.API_VERSION);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    try {
      other.start();
      String address = "127.0.0.1:" + other.getAddress().getPort();
      others = List.of(address);
      assertFails(PAGE, 502, "peer_invalid", "instance=" + address, "status=" + status);
      assertFails("/v1/timelines", 502, "peer_invalid", "instance=" + address);
      others = List.of(address, address(owner));
      assertThat(get(asked, PAGE).statusCode()).isEqualTo(200);
    } finally {
      other.stop(0);
    }
  }

  @Test
  void head_isThatOfTheOwner() throws Exception {
    for (String path : List.of(PAGE, PAGE + "?lsn=0/200", PAGE + "?lsn=1/0")) {
      HttpResponse<Void> there = head(owner, path);
      HttpResponse<Void> here = head(asked, path);
      assertThat(here.statusCode()).isEqualTo(there.statusCode());
      for (String name : List.of("content-type", "etag")) {
        assertThat(here.headers().firstValue(name))
            .as(name)
            .isEqualTo(there.headers().firstValue(name));
      }
    }
  }

  private static HttpResponse<Void> head(HttpApi api, String path) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + address(api) + path));
    return CLIENT.send(
        request.method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.discarding());
  }

  @Test
  void partitionThatCannotBeAsked_isNotTakenForNo() throws Exception {
    missing = List.of("wal-3");
    others = List.of(address(empty));
    assertFails(PAGE, 503, "not_ready", "wal-3", "advertised.http.address");
    assertFails("/v1/timelines", 503, "not_ready", "wal-3");
    missing = List.of();
    emptyReads.none = new ReadAnswer.NotReady<>("restoring there");
    assertFails(PAGE, 503, "not_ready", "restoring there");
    assertFails("/v1/timelines", 503, "not_ready", "restoring there");
    emptyReads.none = null;
    askedReads.none = new ReadAnswer.NotReady<>("restoring here");
    assertFails(PAGE, 503, "not_ready", "restoring here");
    others = List.of(address(owner));
    assertThat(get(asked, PAGE).statusCode()).isEqualTo(200);
  }

  @Test
  void forwardedQuestion_isNotPassedOn() throws Exception {
    assertThat(get(asked, PAGE, PeerClient.FORWARDED, "1").statusCode()).isEqualTo(404);
    others = List.of(address(asked));
    missing = List.of();
    assertFails(PAGE, 404, "timeline_not_found");
    assertThat(askedReads.asked).as("itself, once more").hasValue(3);
  }

  private static LayerReads.Located located(TimelineId timeline, String partition, long lastLsn) {
    return new LayerReads.Located(
        partition,
        new TimelineInfo(timeline, new Lsn(1), new Lsn(lastLsn), Lsn.INVALID, 1, 1, 10, 7));
  }

  @Test
  void timelineInSeveralPartitions_namesThem() throws Exception {
    askedReads.timelines =
        List.of(located(ELSEWHERE, "wal-2", 0x300), located(ELSEWHERE, "wal-1", 0x200));
    JsonNode all = JSON.readTree(get(asked, "/v1/timelines").body()).at("/timelines");
    assertThat(all.at("/1/partitions").toString()).isEqualTo("[\"wal-0\",\"wal-1\",\"wal-2\"]");
    assertThat(all.at("/1/lastLsn").asText()).isEqualTo("0/300");
    assertThat(all.at("/0/partitions").toString()).isEqualTo("[\"wal-3\"]");
    askedReads.none = new ReadAnswer.Split<>(ELSEWHERE, List.of("wal-1", "wal-2"));
    assertFails("/v1/timelines/" + ELSEWHERE + "/layers", 409, "timeline_split", "[wal-1, wal-2]");
  }

  @Test
  void timelines_areThoseOfAllInstances() throws Exception {
    JsonNode all = JSON.readTree(get(asked, "/v1/timelines").body()).at("/timelines");
    assertThat(all).hasSize(2);
    assertThat(all.at("/0/timeline").asText()).isEqualTo(FakeReads.TIMELINE.toString());
    assertThat(all.at("/1/timeline").asText()).isEqualTo(ELSEWHERE.toString());
    for (HttpResponse<String> local :
        List.of(
            get(asked, "/v1/timelines?local=true"),
            get(asked, "/v1/timelines", PeerClient.FORWARDED, "1"))) {
      assertThat(JSON.readTree(local.body()).at("/timelines")).hasSize(1);
    }
  }
}
