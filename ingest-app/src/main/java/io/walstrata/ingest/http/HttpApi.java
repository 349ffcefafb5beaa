package io.walstrata.ingest.http;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server of an instance; {@code docs/http.md} is its reference. It answers for the
 * partitions of this instance, and forwards requests for the others to the instances that own them.
 */
public final class HttpApi implements Closeable {
  /*
   * Threads: Jetty's take requests and never wait. Health, status and metrics are each made by a
   * thread of their own, once for all requests that wait at that moment. Reads have a bounded pool
   * and a bounded queue; another pool sends what they have read, a piece of each answer in turn.
   */

  /** The connection of a client that takes less on average is closed; see {@link AnswerPace}. */
  private static final long MIN_BYTES_PER_SECOND = 16 << 10;

  private static final Duration METRICS_MAX_AGE = Duration.ofSeconds(1);

  private static final int SENDERS = 4;

  private static final List<Answers.Link> LINKS =
      List.of(
          new Answers.Link("/v1/timelines", "timelines, with their first and last LSN"),
          new Answers.Link("/v1/timelines/{timeline}/layers", "a timeline's layers"),
          new Answers.Link(
              "/v1/timelines/{timeline}/pages/{key}{?lsn,bytes,page,explain,checksum}",
              "a page as of an LSN, and what redo makes it from"),
          new Answers.Link(
              "/v1/timelines/{timeline}/sizes/{key}{?lsn}",
              "the number of blocks of the file that has this page, as of an LSN"),
          new Answers.Link("/v1/status", "this instance: partitions, lag, restores"),
          new Answers.Link("/metrics", "metrics in Prometheus' text format"),
          new Answers.Link("/health/live", "200 unless only a new process helps"),
          new Answers.Link("/health/ready", "200 while every partition here answers reads"));

  private final ReadRoutes reads;
  private final ReadObserver observer;
  private final SharedAnswer<Health.Report> health;
  private final SharedAnswer<byte[]> status;
  private final SharedAnswer<byte[]> metrics;
  private final AnswerBudget budget;
  private final AnswerPace pace;
  private final List<ThreadPoolExecutor> pools;
  private final ThreadPoolExecutor metricsPool = Threads.pool("http-metrics", 1);
  private final JettyServer server;

  private HttpApi(
      String host,
      int port,
      LayerReads layerReads,
      Insight insight,
      Peers peers,
      ValueDescriber describer,
      Options options) {
    ThreadPoolExecutor healthPool = Threads.pool("http-health", 1);
    ThreadPoolExecutor statusPool = Threads.pool("http-status", 1);
    ThreadPoolExecutor senders = Threads.pool("http-sender", SENDERS);
    ThreadPoolExecutor readers =
        Threads.pool("http-read", options.maxReads(), options.maxWaitingReads());
    this.pools = List.of(healthPool, statusPool, metricsPool, senders, readers);

    this.health = new SharedAnswer<>(insight.health()::report, healthPool, Duration.ZERO);
    this.status =
        new SharedAnswer<>(() -> Json.bytes(insight.status().get()), statusPool, Duration.ZERO);
    this.metrics =
        new SharedAnswer<>(
            () -> insight.metrics().get().getBytes(StandardCharsets.UTF_8),
            metricsPool,
            METRICS_MAX_AGE);
    this.pace = new AnswerPace(options.slowClientGrace(), MIN_BYTES_PER_SECOND);
    this.budget = new AnswerBudget(options.maxAnswerBytes());
    this.observer = options.observer();
    this.reads =
        new ReadRoutes(
            layerReads,
            peers,
            describer,
            options.keys(),
            options.checksums(),
            options.sizes(),
            readers,
            senders);
    this.server =
        new JettyServer(host, port, JettyServer.Limits.of(options.maxConnections()), this::handle);
  }

  /**
   * What the server shows of the instance beside its layers. Called by many threads at once.
   *
   * @param status for {@code GET /v1/status}
   * @param metrics in Prometheus' text format, version 0.0.4
   */
  public record Insight(Health health, Supplier<Answers.Status> status, Supplier<String> metrics) {}

  /**
   * Bounds, and the hooks of the application.
   *
   * @param maxAnswerBytes heap that all answers in progress may take
   * @param maxConnections connections at one time
   * @param maxReads reads at one time
   * @param maxWaitingReads reads that wait for those
   * @param slowClientGrace in each of these, one after the other, a client has to take 16 KiB a
   *     second of its answer on average, or its connection is closed
   * @param keys parses the text form of a key; throws IllegalArgumentException for other text
   * @param checksums writes a page's checksum
   * @param sizes finds the size of a file
   * @param observer counts reads
   */
  public record Options(
      long maxAnswerBytes,
      int maxConnections,
      int maxReads,
      int maxWaitingReads,
      Duration slowClientGrace,
      Function<String, PageKey> keys,
      PageChecksums checksums,
      FileSizes sizes,
      ReadObserver observer) {
    /** 64 MiB, 1024 connections, 16 reads and 256 that wait; plain keys; nothing counted. */
    public static final Options DEFAULTS =
        new Options(
            64 << 20,
            1024,
            16,
            256,
            Duration.ofSeconds(10),
            PageKey::parse,
            PageChecksums.NONE,
            FileSizes.NONE,
            ReadObserver.NONE);

    public Options withMaxAnswerBytes(long bytes) {
      return new Options(
          bytes,
          maxConnections,
          maxReads,
          maxWaitingReads,
          slowClientGrace,
          keys,
          checksums,
          sizes,
          observer);
    }

    public Options withMaxConnections(int connections) {
      return new Options(
          maxAnswerBytes,
          connections,
          maxReads,
          maxWaitingReads,
          slowClientGrace,
          keys,
          checksums,
          sizes,
          observer);
    }

    public Options withMaxReads(int reads, int waiting) {
      return new Options(
          maxAnswerBytes,
          maxConnections,
          reads,
          waiting,
          slowClientGrace,
          keys,
          checksums,
          sizes,
          observer);
    }

    public Options withSlowClientGrace(Duration grace) {
      return new Options(
          maxAnswerBytes,
          maxConnections,
          maxReads,
          maxWaitingReads,
          grace,
          keys,
          checksums,
          sizes,
          observer);
    }

    public Options withKeys(Function<String, PageKey> parser) {
      return new Options(
          maxAnswerBytes,
          maxConnections,
          maxReads,
          maxWaitingReads,
          slowClientGrace,
          parser,
          checksums,
          sizes,
          observer);
    }

    public Options withChecksums(PageChecksums writer) {
      return new Options(
          maxAnswerBytes,
          maxConnections,
          maxReads,
          maxWaitingReads,
          slowClientGrace,
          keys,
          writer,
          sizes,
          observer);
    }

    public Options withSizes(FileSizes finder) {
      return new Options(
          maxAnswerBytes,
          maxConnections,
          maxReads,
          maxWaitingReads,
          slowClientGrace,
          keys,
          checksums,
          finder,
          observer);
    }

    public Options withObserver(ReadObserver counting) {
      return new Options(
          maxAnswerBytes,
          maxConnections,
          maxReads,
          maxWaitingReads,
          slowClientGrace,
          keys,
          checksums,
          sizes,
          counting);
    }
  }

  /** Starts a server with {@link Options#DEFAULTS}; it answers when this returns. */
  public static HttpApi start(
      String host,
      int port,
      LayerReads reads,
      Insight insight,
      Peers peers,
      ValueDescriber describer)
      throws IOException {
    return start(host, port, reads, insight, peers, describer, Options.DEFAULTS);
  }

  /**
   * Starts a server; it answers when this returns.
   *
   * @param port 0 for any free one
   * @param peers the other instances
   * @param describer describes WAL records; called by many threads at once
   * @throws IOException if the address cannot be listened on
   */
  public static HttpApi start(
      String host,
      int port,
      LayerReads reads,
      Insight insight,
      Peers peers,
      ValueDescriber describer,
      Options options)
      throws IOException {
    HttpApi api = new HttpApi(host, port, reads, insight, peers, describer, options);
    try {
      api.server.start();
    } catch (IOException e) {
      api.close();
      throw new IOException(
          "cannot listen, set http.host and http.port to an address that is free: host="
              + host
              + ", port="
              + port
              + ", error="
              + e.getMessage(),
          e);
    }
    return api;
  }

  /** Returns the port on which the server listens. */
  public int port() {
    return server.port();
  }

  /** Returns the heap in bytes that answers in progress take. */
  long answerBytes() {
    return budget.takenBytes();
  }

  /** Returns the number of reads that wait for a thread. */
  int waitingReads() {
    return reads.waiting();
  }

  /** Returns the number of answers that are being sent. */
  int answersInProgress() {
    return pace.answers();
  }

  @Override
  public void close() {
    server.close();
    pace.close();
    pools.forEach(ThreadPoolExecutor::shutdownNow);
  }

  private void handle(Request request, Response response, Callback callback) {
    Exchange exchange = new Exchange(request, response, callback, pace, budget);
    try {
      route(exchange);
    } catch (RuntimeException e) {
      exchange.fail(e);
    }
  }

  private void route(Exchange exchange) {
    @Nullable Route route = find(exchange.rawPath());
    if (route == null && !exchange.rawPath().equals(List.of("*"))) {
      exchange.fail(Errors.ofRequest(404, "no such path, GET / lists the paths"));
      return;
    }
    switch (exchange.method()) {
      case "GET", "HEAD" -> {
        if (route == null) {
          exchange.fail(Errors.ofRequest(400, "only OPTIONS may have the path *: path=*"));
        } else {
          route.answer(exchange);
        }
      }
      case "OPTIONS" -> {
        exchange.put("Allow", "GET, HEAD, OPTIONS");
        exchange.empty(204, ReadOutcome.OK);
      }
      default -> {
        exchange.put("Allow", "GET, HEAD, OPTIONS");
        exchange.fail(
            Errors.ofRequest(
                405, "only GET, HEAD and OPTIONS are allowed: method=" + exchange.method()));
      }
    }
  }

  private interface Route {
    void answer(Exchange exchange);
  }

  private @Nullable Route find(List<String> path) {
    return switch (path.size()) {
      case 2 ->
          switch (path.get(1)) {
            case "" -> this::index;
            case "metrics" -> this::metrics;
            default -> null;
          };
      case 3 ->
          switch (path.get(1) + "/" + path.get(2)) {
            case "v1/timelines" -> exchange -> read(exchange, reads::timelines);
            case "v1/status" -> this::status;
            case "health/live" -> exchange -> health(exchange, /* live= */ true);
            case "health/ready" -> exchange -> health(exchange, /* live= */ false);
            default -> null;
          };
      default -> findOfTimeline(path);
    };
  }

  private @Nullable Route findOfTimeline(List<String> path) {
    if (path.size() < 5 || !path.get(1).equals("v1") || !path.get(2).equals("timelines")) {
      return null;
    }
    if (path.get(4).equals("layers") && path.size() == 5) {
      return exchange -> read(exchange, reads::layers);
    }
    if (path.size() == 5) {
      return null;
    }
    return switch (path.get(4)) { // a key may have slashes
      case "pages" -> exchange -> read(exchange, reads::page);
      case "sizes" -> exchange -> read(exchange, reads::size);
      default -> null;
    };
  }

  private void read(Exchange exchange, Route route) {
    exchange.observe(observer);
    route.answer(exchange);
  }

  private void index(Exchange exchange) {
    exchange.parameters(List.of());
    String version = HttpApi.class.getPackage().getImplementationVersion();
    exchange.json(
        200, new Answers.Index("walstrata", version == null ? "development" : version, LINKS));
  }

  private void status(Exchange exchange) {
    exchange.parameters(List.of());
    share(status, exchange, bytes -> exchange.bytes(200, "application/json", bytes, metricsPool));
  }

  private void metrics(Exchange exchange) {
    exchange.parameters(List.of());
    share(
        metrics,
        exchange,
        bytes ->
            exchange.bytes(200, "text/plain; version=0.0.4; charset=utf-8", bytes, metricsPool));
  }

  private void health(Exchange exchange, boolean live) {
    exchange.parameters(List.of());
    share(
        health,
        exchange,
        report -> {
          boolean isWell = live ? report.isLive() : report.isReady();
          String text = live ? (isWell ? "up" : "down") : (isWell ? "ready" : "not_ready");
          exchange.json(
              isWell ? 200 : 503, new Answers.HealthStatus(text, report.state(), report.reasons()));
        });
  }

  private interface Use<T> {
    void use(T made);
  }

  private static <T> void share(SharedAnswer<T> shared, Exchange exchange, Use<T> use) {
    var unused =
        shared
            .get()
            .whenComplete(
                (made, failure) -> {
                  if (failure == null) {
                    use.use(made);
                  } else {
                    exchange.fail(failure);
                  }
                });
  }
}
