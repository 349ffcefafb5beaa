package io.walstrata.ingest.http;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Configures Jetty: its threads parse requests and start answers, and never wait. */
final class JettyServer implements Closeable {
  /*
   * A handler waits neither for a read nor for a client. Writes are asynchronous, so a client that
   * reads nothing holds a connection but no thread.
   */
  private static final Logger LOG = LoggerFactory.getLogger(JettyServer.class);

  private static final int MAX_THREADS = 16;
  private static final int MIN_THREADS = 4;
  private static final int ACCEPTORS = 1;
  private static final int SELECTORS = 1;

  /** A connection without traffic for this long is closed, unless an answer is being made. */
  private static final long IDLE_MS = 30_000;

  /** The same while the number of connections is at its limit. */
  private static final long CROWDED_IDLE_MS = 2_000;

  /** A connection whose request is not complete after this time is closed. */
  private static final long REQUEST_MS = 10_000;

  /** Handles a request; any thread may answer it, and one must. */
  interface Requests {
    void handle(Request request, Response response, Callback callback);
  }

  private final Server server;
  private final ServerConnector connector;
  private final RequestPace pace;

  /**
   * Limits of connections.
   *
   * @param idleMs the longest time without traffic while no answer is being made
   * @param requestMs the longest time that a request takes to arrive, without its body
   */
  record Limits(int maxConnections, long idleMs, long requestMs) {
    static Limits of(int maxConnections) {
      return new Limits(maxConnections, IDLE_MS, REQUEST_MS);
    }
  }

  JettyServer(String host, int port, Limits limits, Requests requests) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName("http");
    threads.setDaemon(true);
    server = new Server(threads);
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    // A key may have slashes; paths are split before they are decoded, so nothing is ambiguous.
    configuration.setUriCompliance(
        UriCompliance.DEFAULT.with(
            "walstrata", Violation.AMBIGUOUS_PATH_SEPARATOR, Violation.AMBIGUOUS_PATH_ENCODING));
    connector =
        new ServerConnector(server, ACCEPTORS, SELECTORS, new HttpConnectionFactory(configuration));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(limits.idleMs());
    server.addConnector(connector);
    NetworkConnectionLimit limit = new NetworkConnectionLimit(limits.maxConnections(), server);
    limit.setEndPointIdleTimeout(CROWDED_IDLE_MS);
    server.addBean(limit);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            // An answer is made without traffic, for as long as a disk or another instance takes.
            request.addIdleTimeoutListener(timeout -> false);
            requests.handle(request, response, callback);
            return true;
          }
        });
    server.setErrorHandler(new JsonErrors());
    pace = new RequestPace(connector::getConnectedEndPoints, limits.requestMs());
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if the address cannot be listened on
   */
  void start() throws IOException {
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw e instanceof IOException io ? io : new IOException(e);
    }
  }

  int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    pace.close();
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("HTTP server not stopped", e);
    }
  }

  /** Puts Jetty's own error answers, such as to malformed requests, into the interface's form. */
  private static final class JsonErrors extends ErrorHandler {
    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int code,
        @Nullable String message,
        @Nullable Throwable cause,
        Callback callback) {
      byte[] body = body(code, message, response.getHeaders()::put);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
      response.write(/* last= */ true, ByteBuffer.wrap(body), callback);
    }

    private static byte[] body(
        int status, @Nullable String message, BiConsumer<String, String> headers) {
      headers.accept(PeerClient.API, PeerClient.API_VERSION);
      headers.accept("Content-Type", "application/json");
      return Json.bytes(
          Errors.ofRequest(
              status,
              (status < 500 || status == 505
                      ? "the request cannot be understood"
                      : "the answer failed")
                  + ": error="
                  + message));
    }
  }
}
