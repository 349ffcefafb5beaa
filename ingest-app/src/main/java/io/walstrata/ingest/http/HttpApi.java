package io.walstrata.ingest.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinBindException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of an instance; {@code docs/http.md} is its reference. It answers for the
 * partitions that this instance holds, and gets from the others what they hold.
 */
public final class HttpApi implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);

  /** Reads are short and wait for the disk at most; more threads would only queue there. */
  private static final int MAX_THREADS = 32;

  /** Another instance has to do what this one would do, and one network round more. */
  private static final Duration PEER_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration PEER_ANSWER_TIMEOUT = Duration.ofSeconds(30);

  private final LayerReads reads;
  private final Health health;
  private final ValueDescriber describer;
  private final Insight insight;
  private final Forwarding forwarding;
  private final Javalin server;

  private HttpApi(LayerReads reads, Insight insight, Peers peers, ValueDescriber describer) {
    this.reads = reads;
    this.health = insight.health();
    this.insight = insight;
    this.describer = describer;
    this.forwarding =
        new Forwarding(peers, new PeerClient(PEER_CONNECT_TIMEOUT, PEER_ANSWER_TIMEOUT));
    this.server = Javalin.create(this::configure);
  }

  /**
   * How the instance is, from outside. Called by many threads at once.
   *
   * @param status each partition
   * @param metrics in Prometheus' text format, version 0.0.4
   */
  public record Insight(Health health, Supplier<Answers.Status> status, Supplier<String> metrics) {}

  /**
   * Starts a server; it answers when this returns.
   *
   * @param port 0 takes a free one
   * @param peers gives the other instances
   * @param describer says what a WAL record is; used by many threads at once
   * @throws IOException if the address cannot be listened on
   */
  public static HttpApi start(
      String host,
      int port,
      LayerReads reads,
      Insight insight,
      Peers peers,
      ValueDescriber describer)
      throws IOException {
    HttpApi api = new HttpApi(reads, insight, peers, describer);
    try {
      api.server.start(host, port);
    } catch (JavalinBindException e) {
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

  /** Returns the port that is listened on. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.jetty.threadPool = new QueuedThreadPool(MAX_THREADS, 2);
    routes(config.routes);
  }

  private void routes(RoutesConfig routes) {
    routes.before(context -> context.header(PeerClient.API, PeerClient.API_VERSION));
    routes.get("/v1/timelines", this::timelines);
    routes.get("/v1/timelines/{timeline}/layers", this::layers);
    routes.get("/v1/timelines/{timeline}/pages/{key}", this::page);
    routes.get("/v1/status", this::status);
    routes.get("/metrics", this::metrics);
    routes.get("/health/live", this::live);
    routes.get("/health/ready", this::ready);
    routes.exception(
        HttpResponseException.class,
        (e, context) ->
            fail(context, Errors.ofRequest(e.getStatus(), String.valueOf(e.getMessage()))));
    routes.exception(Exception.class, (e, context) -> fail(context, Errors.of(logged(e, context))));
  }

  /**
   * What is a fault of ours or of the disk is logged: the client may not be the one to act on it.
   */
  private static Exception logged(Exception failure, Context context) {
    if (Errors.of(failure).status() == 500) {
      LOG.error("request failed: path={}", context.path(), failure);
    }
    return failure;
  }

  private static void fail(Context context, Answers.Failure error) {
    if (error.status() == Errors.Code.NOT_READY.status()) {
      context.header("Retry-After", "1");
    }
    context.status(error.status()).json(error);
  }

  private void timelines(Context context) throws IOException {
    checkParameters(context, List.of("local"));
    @Nullable String local = context.queryParam("local");
    if (local != null && !local.equals("true")) {
      throw Errors.badParameter("local must be true: local=" + local);
    }
    Answers.Timelines here = ToJson.timelines(reads.timelines());
    if (local != null || isForwarded(context)) {
      context.json(here);
      return;
    }
    context.future(
        () ->
            forwarding
                .timelines(here)
                .handle(
                    (all, failure) -> {
                      if (failure == null) {
                        context.json(all);
                      } else {
                        fail(context, Errors.of(logged(unwrapped(failure), context)));
                      }
                      return null;
                    }));
  }

  private static Exception unwrapped(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause instanceof Exception e ? e : new IllegalStateException(cause);
  }

  private void layers(Context context) throws IOException {
    checkParameters(context, List.of());
    TimelineId timeline = timeline(context);
    try {
      context.json(ToJson.layers(timeline, reads.layers(timeline)));
    } catch (UnknownTimelineException | NotReadyException e) {
      elsewhere(context, timeline, e);
    }
  }

  private void page(Context context) throws IOException {
    checkParameters(context, List.of("lsn", "bytes"));
    boolean withBytes = withBytes(context);
    TimelineId timeline = timeline(context);
    PageKey key = key(context);
    @Nullable Lsn lsn = lsn(context);
    LayerReads.PageRead read;
    try {
      read = reads.page(timeline, key, lsn);
    } catch (UnknownTimelineException | NotReadyException | LsnNotReachedException e) {
      elsewhere(context, timeline, e);
      return;
    }
    switch (read.data().status()) {
      case ABSENT -> throw Errors.pageAbsent(read.data(), read.lastLsn());
      case DROPPED -> throw Errors.pageDropped(read.data(), read.lastLsn());
      case COMPLETE, INCOMPLETE -> context.json(ToJson.page(read, withBytes, describer));
    }
  }

  /** Answers with what another instance says; no thread waits for it. */
  private void elsewhere(Context context, TimelineId timeline, RuntimeException here) {
    if (isForwarded(context)) {
      throw here;
    }
    String query = context.queryString();
    String pathAndQuery = context.req().getRequestURI() + (query == null ? "" : "?" + query);
    context.future(
        () ->
            forwarding
                .ask(timeline, pathAndQuery, here)
                .thenAccept(answer -> write(context, answer)));
  }

  private static boolean isForwarded(Context context) {
    return context.header(PeerClient.FORWARDED) != null;
  }

  private static void write(Context context, Forwarding.Answer answer) {
    PeerClient.Reply reply = answer.reply();
    if (reply != null) {
      context.header("Walstrata-Instance", reply.address());
      if (reply.status() == Errors.Code.NOT_READY.status()) {
        context.header("Retry-After", "1");
      }
      context.status(reply.status()).contentType("application/json").result(reply.body());
    } else {
      fail(context, Objects.requireNonNull(answer.failure()));
    }
  }

  /** A mistyped parameter must not read as if it were not there: that is another question. */
  private static void checkParameters(Context context, List<String> known) {
    for (String name : context.queryParamMap().keySet()) {
      if (!known.contains(name) || context.queryParams(name).size() > 1) {
        throw Errors.badParameter(
            "unknown or repeated parameter: name=" + name + ", known=" + known);
      }
    }
  }

  private static boolean withBytes(Context context) {
    @Nullable String bytes = context.queryParam("bytes");
    if (bytes != null && !bytes.equals("base64")) {
      throw Errors.badParameter("bytes must be base64: bytes=" + bytes);
    }
    return bytes != null;
  }

  private static TimelineId timeline(Context context) {
    try {
      return TimelineId.parse(context.pathParam("timeline"));
    } catch (IllegalArgumentException e) {
      throw Errors.badTimeline(e);
    }
  }

  private static PageKey key(Context context) {
    PageKey key;
    try {
      key = PageKey.parse(context.pathParam("key"));
    } catch (IllegalArgumentException e) {
      throw Errors.badKey(String.valueOf(e.getMessage()));
    }
    if (key.equals(PageKey.MAX)) {
      throw Errors.badKey("the end of the key space is no page: key=" + key);
    }
    return key;
  }

  private static @Nullable Lsn lsn(Context context) {
    @Nullable String text = context.queryParam("lsn");
    if (text == null) {
      return null;
    }
    Lsn lsn;
    try {
      lsn = Lsn.parse(text);
    } catch (IllegalArgumentException e) {
      throw Errors.badLsn(String.valueOf(e.getMessage()));
    }
    if (lsn.equals(Lsn.INVALID)) {
      throw Errors.badLsn("no version has this LSN: lsn=" + lsn);
    }
    return lsn;
  }

  private void status(Context context) {
    checkParameters(context, List.of());
    context.json(insight.status().get());
  }

  private void metrics(Context context) {
    context.contentType("text/plain; version=0.0.4; charset=utf-8").result(insight.metrics().get());
  }

  private void live(Context context) {
    Health.Report report = health.report();
    context
        .status(report.isLive() ? 200 : 503)
        .json(
            new Answers.HealthStatus(
                report.isLive() ? "up" : "down", report.state(), report.reasons()));
  }

  private void ready(Context context) {
    Health.Report report = health.report();
    context
        .status(report.isReady() ? 200 : 503)
        .json(
            new Answers.HealthStatus(
                report.isReady() ? "ready" : "not_ready", report.state(), report.reasons()));
  }
}
