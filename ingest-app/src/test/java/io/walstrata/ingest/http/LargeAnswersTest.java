package io.walstrata.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.page.Version;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What answers take is bounded, all of them together, whoever asks for what. */
@Timeout(120)
class LargeAnswersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int RECORDS = 32;
  private static final int BYTES = 256 << 10;
  private static final String PAGE =
      "/v1/timelines/" + StoreBackedReads.TIMELINE + "/pages/" + StoreBackedReads.KEY;

  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (int last = open.size() - 1; last >= 0; last--) {
      open.get(last).close();
    }
  }

  private StoreBackedReads store(int records, int bytes) throws Exception {
    StoreBackedReads reads = new StoreBackedReads(directory, records, bytes);
    open.add(reads);
    return reads;
  }

  private HttpApi start(LayerReads reads, Peers peers, long maxAnswerBytes) throws Exception {
    Health.Report well = new Health.Report(true, true, "RUNNING", List.of());
    HttpApi api =
        HttpApi.start(
            "127.0.0.1",
            0,
            reads,
            FakeReads.insight(() -> well),
            peers,
            ValueDescriber.LENGTH,
            HttpApi.Options.DEFAULTS
                .withMaxAnswerBytes(maxAnswerBytes)
                .withSlowClientGrace(Duration.ofHours(1)));
    open.add(api);
    return api;
  }

  private static HttpResponse<String> get(HttpApi api, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + api.port() + path);
    return CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void answerBeyondTheLimit_isRefusedWithTheSizes() throws Exception {
    long limit = RECORDS * BYTES / 2;
    HttpApi api = start(store(RECORDS, BYTES), Peers.NONE, limit);
    for (String query : List.of("?bytes=base64", "", "?lsn=0/" + Integer.toHexString(RECORDS))) {
      HttpResponse<String> response = get(api, PAGE + query);
      JsonNode error = JSON.readTree(response.body());
      assertThat(response.statusCode()).isEqualTo(422);
      assertThat(error.at("/code").asText()).isEqualTo("answer_too_large");
      assertThat(error.at("/message").asText())
          .contains("takenBytes=", "nextBytes=", "limitBytes=" + limit, "http.answers.max.bytes");
    }
    assertThat(get(api, PAGE + "?lsn=0/5&bytes=base64").statusCode()).isEqualTo(200);
    await().untilAsserted(() -> assertThat(api.answerBytes()).isZero());
  }

  @Test
  void manyTinyRecords_areBoundedToo() throws Exception {
    HttpApi api = start(store(20_000, 1), Peers.NONE, 1 << 20);
    assertThat(get(api, PAGE).statusCode()).isEqualTo(422);
    HttpApi roomy = start((LayerReads) open.get(0), Peers.NONE, 16 << 20);
    assertThat(JSON.readTree(get(roomy, PAGE).body()).at("/records")).hasSize(20_000);
  }

  @Test
  void answersThatNoClientTakes_leaveTheOthersTheRest() throws Exception {
    StoreBackedReads reads = store(RECORDS, BYTES);
    HttpApi api = start(reads, Peers.NONE, (2L * RECORDS + 4) * (BYTES + 1000));
    try (Socket one = asked(api, PAGE + "?bytes=base64");
        Socket two = asked(api, PAGE + "?bytes=base64")) {
      await()
          .until(() -> api.answersInProgress() == 2 && api.answerBytes() >= 2L * RECORDS * BYTES);
      HttpResponse<String> third = get(api, PAGE + "?bytes=base64");
      assertThat(third.statusCode()).isEqualTo(503);
      assertThat(third.headers().firstValue("retry-after")).hasValue("1");
      assertThat(third.body()).contains("too_busy", "allAnswersBytes=");
      await().until(() -> api.answersInProgress() == 2);
      assertThat(one.isConnected() && two.isConnected()).isTrue();
    }
    await().until(() -> api.answerBytes() == 0 && api.answersInProgress() == 0);
    assertThat(get(api, PAGE + "?bytes=base64").statusCode()).isEqualTo(200);
  }

  @Test
  void readThatEndsWithAnError_isAnswered_andKeepsNothing() throws Exception {
    StoreBackedReads store = store(1, 1);
    LayerReads reads =
        new LayerReads() {
          @Override
          public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
            limit.take(1_000);
            throw new StackOverflowError("too deep");
          }

          @Override
          public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
            throw new StackOverflowError("too deep");
          }

          @Override
          public ReadAnswer<ReconstructData> page(
              TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
            return store.page(timeline, key, asOf, limit);
          }

          @Override
          public ReadAnswer<PageRead> redonePage(
              TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
            return store.redonePage(timeline, key, asOf, limit);
          }
        };
    Health.Report well = new Health.Report(true, true, "RUNNING", List.of());
    HttpApi api =
        HttpApi.start(
            "127.0.0.1",
            0,
            reads,
            FakeReads.insight(() -> well),
            Peers.NONE,
            (key, lsn, value) -> {
              throw new StackOverflowError("too deep");
            });
    open.add(api);
    for (String path : List.of("/v1/timelines", PAGE.replaceAll("pages.*", "layers"), PAGE)) {
      assertThat(get(api, path).statusCode()).as(path).isEqualTo(500);
    }
    await().until(() -> api.answerBytes() == 0 && api.answersInProgress() == 0);
  }

  private static Socket asked(HttpApi api, String path) throws Exception {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new java.net.InetSocketAddress("127.0.0.1", api.port()));
    String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void peersAnswer_isPassedOnWithoutBeingKept() throws Exception {
    StoreBackedReads reads = store(RECORDS, BYTES);
    HttpApi owner = start(reads, Peers.NONE, 64 << 20);
    HttpApi asked =
        start(
            new FakeReads(),
            () ->
                new ReadAnswer.Found<>(
                    new Peers.View(List.of("127.0.0.1:" + owner.port()), List.of(), false)),
            1 << 20);
    HttpResponse<String> passedOn = get(asked, PAGE + "?bytes=base64");
    assertThat(passedOn.statusCode()).isEqualTo(200);
    assertThat(passedOn.body()).isEqualTo(get(owner, PAGE + "?bytes=base64").body());
    try (Socket slow = asked(asked, PAGE + "?bytes=base64")) {
      await().until(() -> asked.answersInProgress() == 1);
      assertThat(asked.answerBytes()).isZero();
      assertThat(slow.isConnected()).isTrue();
    }
    await().until(() -> asked.answersInProgress() == 0 && owner.answersInProgress() == 0);
  }

  @Test
  void pieces_areSmall_andAddUpToTheAnswer() throws Exception {
    byte[] large = new byte[10 << 20];
    large[large.length - 1] = 7;
    Version image = new Version(Lsn.of(1), Value.image(large));
    Version record = new Version(Lsn.of(2), Value.walRecord(new byte[] {9}, false));
    PageKey key = StoreBackedReads.KEY;
    ReconstructData data =
        new ReconstructData(
            StoreBackedReads.TIMELINE,
            key,
            Lsn.of(2),
            Lsn.of(1),
            Lsn.of(9),
            ReconstructData.Status.COMPLETE,
            image,
            List.of(record),
            null,
            List.of(),
            ReadCost.NONE);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    PagePieces pieces =
        new PagePieces(
            data,
            /* withBytes= */ true,
            /* page= */ null,
            /* isExplained= */ true,
            ValueDescriber.LENGTH);
    while (pieces.hasNext()) {
      byte[] piece = pieces.next();
      assertThat(piece.length).isLessThanOrEqualTo(16 << 10);
      all.writeBytes(piece);
    }
    Answers.Page page = Json.MAPPER.readValue(all.toByteArray(), Answers.Page.class);
    assertThat(JSON.readTree(all.toByteArray()).at("/base/bytes").binaryValue()).isEqualTo(large);
    assertThat(page.records()).hasSize(1);
    assertThat(page.lastLsn()).isEqualTo("0/9");
  }

  @Test
  void budget_isGivenBackOnce() {
    AnswerBudget budget = new AnswerBudget(100);
    AnswerBudget.Lease one = budget.lease();
    AnswerBudget.Lease two = budget.lease();
    one.take(60);
    two.take(40);
    assertThat(refusal(two, 1)).contains("too_busy");
    assertThat(refusal(one, 41)).contains("answer_too_large");
    assertThat(refusal(one, Long.MAX_VALUE)).contains("answer_too_large");
    one.giveBack(10);
    two.take(10);
    one.close();
    one.close();
    one.giveBack(10);
    assertThat(budget.takenBytes()).isEqualTo(50);
    two.close();
    assertThat(budget.takenBytes()).isZero();
  }

  private static String refusal(ReadLimit limit, long bytes) {
    try {
      limit.take(bytes);
      return "none";
    } catch (AnswerRefusedException e) {
      return e.answer().code();
    }
  }
}
