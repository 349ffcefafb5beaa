package io.walstrata.schemas.serde;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** An HTTP server on loopback that gives set answers and notes what it was asked. */
final class HttpRegistry implements AutoCloseable {
  record Answer(int status, String body, long delayMs) {}

  record Request(String method, String path, @Nullable String authorization, String body) {}

  private final HttpServer server;
  private final String scheme;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private volatile Answer otherwise =
      new Answer(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}", 0);

  final List<Request> requests = new CopyOnWriteArrayList<>();

  HttpRegistry() throws IOException {
    this(HttpServer.create(loopback(), 0), "http");
  }

  static HttpRegistry withTls(SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new HttpRegistry(server, "https");
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private HttpRegistry(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return scheme + "://" + address();
  }

  String urlWithUser(String userInfo) {
    return scheme + "://" + userInfo + "@" + address();
  }

  private String address() {
    return "localhost:" + server.getAddress().getPort();
  }

  /** Sets the answer to a path without query. */
  void answer(String path, int status, String body) {
    answers.put(path, new Answer(status, body, 0));
  }

  /** Sets the answer to all other paths. */
  void otherwise(int status, String body, long delayMs) {
    otherwise = new Answer(status, body, delayMs);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(
          new Request(
              exchange.getRequestMethod(),
              path,
              exchange.getRequestHeaders().getFirst("Authorization"),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      Answer answer = answers.getOrDefault(path, otherwise);
      Thread.sleep(answer.delayMs());
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
