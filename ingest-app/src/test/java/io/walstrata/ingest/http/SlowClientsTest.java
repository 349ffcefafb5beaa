package io.walstrata.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueDescriber;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that takes nothing holds a connection, and nothing that others need. */
@Timeout(120)
class SlowClientsTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int CLIENTS = 80;
  private static final int PIPELINED = 100;

  /** More than what a connection's buffers take. */
  private static final String METRICS = "# HELP x y\nx 1.0\n".repeat(500_000);

  private final CountDownLatch reading = new CountDownLatch(1);
  private final AtomicInteger scrapes = new AtomicInteger();
  private final List<Socket> sockets = new ArrayList<>();
  private HttpApi api;

  /** Reads that wait for a disk that does not answer. */
  private final class WaitingReads implements LayerReads {
    final AtomicInteger begun = new AtomicInteger();

    @Override
    public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
      begun.incrementAndGet();
      try {
        reading.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new ReadAnswer.Found<>(List.of());
    }

    @Override
    public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
      return new ReadAnswer.Found<>(List.of());
    }

    @Override
    public ReadAnswer<ReconstructData> page(
        TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
      throw new IllegalStateException("not asked");
    }

    @Override
    public ReadAnswer<PageRead> redonePage(
        TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
      throw new IllegalStateException("not asked");
    }
  }

  private final WaitingReads reads = new WaitingReads();

  private void start(HttpApi.Options options) throws Exception {
    Health.Report well = new Health.Report(true, true, "RUNNING", List.of());
    HttpApi.Insight insight =
        new HttpApi.Insight(
            () -> well,
            () -> new Answers.Status("here:1", "fake", "", List.of(), List.of(), List.of()),
            () -> {
              scrapes.incrementAndGet();
              return METRICS;
            });
    api = HttpApi.start("127.0.0.1", 0, reads, insight, Peers.NONE, ValueDescriber.LENGTH, options);
  }

  @AfterEach
  void close() throws Exception {
    reading.countDown();
    for (Socket socket : sockets) {
      socket.close();
    }
    api.close();
  }

  private void pipeline(String path) throws Exception {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress("127.0.0.1", api.port()));
    String requests = ("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").repeat(PIPELINED);
    socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
  }

  private CompletableFuture<HttpResponse<String>> ask(String path) {
    URI uri = URI.create("http://127.0.0.1:" + api.port() + path);
    return CLIENT.sendAsync(
        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private int status(String path) {
    return ask(path).join().statusCode();
  }

  @Test
  void healthAndMetrics_areAnswered_whileClientsTakeNothing() throws Exception {
    start(HttpApi.Options.DEFAULTS.withSlowClientGrace(Duration.ofHours(1)));
    for (int client = 0; client < CLIENTS; client++) {
      pipeline("/metrics");
    }
    await().atMost(Duration.ofMinutes(1)).until(() -> api.answersInProgress() == CLIENTS);

    for (String path :
        List.of("/health/live", "/health/ready", "/v1/status", "/v1/timelines/-", "/")) {
      assertThat(status(path)).as(path).isEqualTo(path.endsWith("-") ? 404 : 200);
    }
    assertThat(ask("/metrics").join().body()).isEqualTo(METRICS);
    assertThat(api.answersInProgress()).as("all still wait").isGreaterThanOrEqualTo(CLIENTS);
    assertThat(scrapes.get()).as("made for many at once").isLessThan(CLIENTS);
  }

  @Test
  void clientsThatTakeTooLittle_loseTheirConnection() throws Exception {
    start(HttpApi.Options.DEFAULTS.withSlowClientGrace(Duration.ofSeconds(1)));
    for (int client = 0; client < 10; client++) {
      pipeline("/metrics");
    }
    await().atMost(Duration.ofMinutes(2)).until(() -> scrapes.get() > 0);
    // Each is cut off at its first answer, so that the rest of what it asked for is not made.
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () -> {
              for (Socket socket : sockets) {
                assertThat(isCutOff(socket)).isTrue();
              }
            });
    assertThat(status("/health/live")).isEqualTo(200);
  }

  private static boolean isCutOff(Socket socket) {
    try {
      socket.getOutputStream().write('x');
      return false;
    } catch (java.io.IOException e) {
      return true;
    }
  }

  @Test
  void health_isAnswered_whileAllReadsWait_andMoreAreRefused() throws Exception {
    start(HttpApi.Options.DEFAULTS.withMaxReads(2, 3));
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      waiting.add(ask("/v1/timelines"));
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> reads.begun.get() == 2 && api.waitingReads() == 3);
    HttpResponse<String> refused = ask("/v1/timelines/-/layers").join();
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("too_busy", "waiting=3");
    assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
    assertThat(status("/health/live")).isEqualTo(200);
    assertThat(status("/health/ready")).isEqualTo(200);
    assertThat(status("/metrics")).isEqualTo(200);
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    reading.countDown();
    waiting.forEach(each -> assertThat(each.join().statusCode()).isEqualTo(200));
  }
}
