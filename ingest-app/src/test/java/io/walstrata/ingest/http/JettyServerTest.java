package io.walstrata.ingest.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class JettyServerTest {
  private static final long IDLE_MS = 100;
  private static final long REQUEST_MS = 300;

  @Test
  void answerThatTakesLongerThanConnectionsMayBeIdle_isGiven() throws Exception {
    BlockingQueue<Runnable> answers = new LinkedBlockingQueue<>();
    JettyServer.Requests requests =
        (request, response, callback) ->
            answers.add(() -> response.write(/* last= */ true, ByteBuffer.allocate(7), callback));
    try (JettyServer server =
        new JettyServer("127.0.0.1", 0, new JettyServer.Limits(10, IDLE_MS, 10_000), requests)) {
      server.start();
      CompletableFuture<HttpResponse<String>> asked =
          HttpClient.newHttpClient()
              .sendAsync(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port())).build(),
                  HttpResponse.BodyHandlers.ofString());
      Runnable answer = answers.poll(30, TimeUnit.SECONDS);
      assertThat(answer).isNotNull();
      await().during(Duration.ofMillis(10 * IDLE_MS)).until(() -> !asked.isDone());
      answer.run();
      assertThat(asked.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThat(asked.join().body()).hasSize(7);
    }
  }

  @Test
  void requestThatDoesNotComeWhole_losesItsConnection_andIdleOnesAreKept() throws Exception {
    JettyServer.Requests requests =
        (request, response, callback) ->
            response.write(/* last= */ true, ByteBuffer.allocate(0), callback);
    JettyServer.Limits limits = new JettyServer.Limits(10, 30_000, REQUEST_MS);
    try (JettyServer server = new JettyServer("127.0.0.1", 0, limits, requests)) {
      server.start();
      try (Socket first = new Socket("127.0.0.1", server.port());
          Socket second = new Socket("127.0.0.1", server.port());
          Socket idle = new Socket("127.0.0.1", server.port())) {
        for (Socket each : List.of(second, idle)) {
          ask(each);
        }
        for (Socket each : List.of(first, second)) {
          each.getOutputStream().write("GET / HTTP/1.1\r\nHost: ".getBytes(US_ASCII));
        }
        for (Socket each : List.of(first, second)) {
          await().until(() -> isCutOff(each)); // by turns: each poll sends a byte
        }
        ask(idle);
      }
    }
  }

  /** Sends a request and reads the head of its answer. */
  private static void ask(Socket socket) throws IOException {
    socket.setSoTimeout(30_000);
    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertThat(next).as(head.toString()).isNotNegative();
      head.append((char) next);
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 200 ");
  }

  private static boolean isCutOff(Socket socket) {
    try {
      socket.getOutputStream().write('x');
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
