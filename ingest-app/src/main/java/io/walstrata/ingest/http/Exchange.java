package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request and its answer. Any thread may answer, once; further answers are ignored. */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** The type of bytes without a structure that HTTP knows. */
  static final String BYTES = "application/octet-stream";

  private static final String JSON = "application/json";
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final AnswerPace pace;
  private final AnswerBudget.Lease lease;
  private final List<String> rawPath;
  private final long startNanos = System.nanoTime();
  private final AtomicBoolean isAnswered = new AtomicBoolean();
  private volatile @Nullable ReadObserver observer; // null unless it is a read

  Exchange(
      Request request, Response response, Callback callback, AnswerPace pace, AnswerBudget budget) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.pace = pace;
    this.lease = budget.lease();
    this.rawPath = segments(request.getHttpURI().getPath());
    response.getHeaders().put(PeerClient.API, PeerClient.API_VERSION);
  }

  private static List<String> segments(@Nullable String path) {
    List<String> segments = new ArrayList<>(List.of((path == null ? "" : path).split("/", -1)));
    if (segments.size() > 2 && segments.get(segments.size() - 1).isEmpty()) {
      segments.remove(segments.size() - 1); // a slash at the end is ignored
    }
    return segments;
  }

  String method() {
    return request.getMethod();
  }

  /** Returns the segments of the path, as they are in the request; the first one is empty. */
  List<String> rawPath() {
    return rawPath;
  }

  @Nullable String rawQuery() {
    String query = request.getHttpURI().getQuery();
    return query == null || query.isEmpty() ? null : query;
  }

  /**
   * Returns the parameters.
   *
   * @param known the names that the path has
   * @throws ApiException if a parameter has another name, is repeated, or cannot be decoded
   */
  QueryParameters parameters(List<String> known) {
    return new QueryParameters(rawQuery(), known);
  }

  @Nullable String header(String name) {
    return request.getHeaders().get(name);
  }

  /** Returns the request's headers of these names, those that it has. */
  Map<String, String> passedOn(String... names) {
    Map<String, String> found = new TreeMap<>();
    for (String name : names) {
      String value = header(name);
      if (value != null) {
        found.put(name, value);
      }
    }
    return found;
  }

  /** Returns whether the request names a type among those that it accepts. */
  boolean accepts(String type) {
    String accepted = header("Accept");
    if (accepted == null) {
      return false;
    }
    for (String each : accepted.split(",", -1)) {
      if (each.split(";", 2)[0].strip().equalsIgnoreCase(type)) {
        return true;
      }
    }
    return false;
  }

  boolean isForwarded() {
    return header(PeerClient.FORWARDED) != null;
  }

  /** Returns the limit on the heap of the answer; it is closed when the answer is sent. */
  ReadLimit limit() {
    return lease;
  }

  /** Sets the observer that counts this read when it is answered. */
  void observe(ReadObserver readObserver) {
    observer = readObserver;
  }

  void put(String header, String value) {
    response.getHeaders().put(header, value);
  }

  /** Answers with a small object. */
  void json(int status, Object value) {
    bytes(status, JSON, Json.bytes(value), Runnable::run);
  }

  /** Answers with JSON in pieces. */
  void json(Iterator<byte[]> pieces, Executor executor) {
    send(200, JSON, pieces, executor, ReadOutcome.OK);
  }

  /** Answers with bytes that may be shared with other answers. */
  void bytes(int status, String type, byte[] bytes, Executor executor) {
    if (bytes.length <= AnswerWriter.BYTES_PER_WRITE) {
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
    }
    send(status, type, new Slices(bytes, AnswerWriter.BYTES_PER_WRITE), executor, ReadOutcome.OK);
  }

  void fail(Answers.Failure failure) {
    if (failure.status() == Errors.Code.NOT_READY.status()) {
      put("Retry-After", "1");
    }
    byte[] body = Json.bytes(failure);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    send(
        failure.status(),
        JSON,
        Collections.singletonList(body).iterator(),
        Runnable::run,
        ReadOutcome.of(failure));
  }

  /** Answers with the error answer of an exception, and logs it if it is a fault of the job. */
  void fail(Throwable thrown) {
    Answers.Failure answer = Errors.of(thrown);
    if (answer.status() == 500) {
      LOG.error("request failed: path={}", request.getHttpURI().getPath(), thrown);
    }
    fail(answer);
  }

  /** Answers with the error answer of a read without a value. */
  void fail(ReadAnswer.None<?> none) {
    if (none instanceof ReadAnswer.Failed<?> failed) {
      fail(failed.cause());
    } else {
      fail(Errors.of(none));
    }
  }

  /** Answers with a status that has no body. */
  void empty(int status, ReadOutcome outcome) {
    if (isFirst(outcome)) {
      response.setStatus(status);
      response.write(/* last= */ true, NO_BYTES.slice(), new Sending());
    }
  }

  /** Answers with another instance's answer, or with the error answer in its place. */
  void passOn(PeerAnswer answer) {
    if (answer instanceof PeerAnswer.Reply reply) {
      passOn(reply);
    } else if (answer instanceof PeerAnswer.NoReply none) {
      fail(none.why());
    }
  }

  private void passOn(PeerAnswer.Reply reply) {
    put("Walstrata-Instance", reply.address());
    reply.headers().forEach(this::put);
    String type = reply.headers().getOrDefault("Content-Type", JSON);
    if (reply.status() == 304) {
      empty(304, ReadOutcome.NOT_MODIFIED);
      return;
    }
    if (reply.status() == Errors.Code.NOT_READY.status()) {
      put("Retry-After", "1");
    }
    if (reply.stream() == null) {
      ReadOutcome outcome =
          reply.failure() == null ? ReadOutcome.OK : ReadOutcome.of(reply.failure());
      send(
          reply.status(),
          JSON,
          new Slices(reply.body(), AnswerWriter.BYTES_PER_WRITE),
          Runnable::run,
          outcome);
      return;
    }
    if (isHead()) {
      reply.discard();
      send(reply.status(), type, Collections.emptyIterator(), Runnable::run, ReadOutcome.OK);
      return;
    }
    if (!isFirst(ReadOutcome.OK)) {
      reply.discard();
      return;
    }
    begin(reply.status(), type);
    Sending sending = new Sending();
    PeerStream stream = new PeerStream(request, response, sending);
    sending.begin(stream);
    reply.stream().subscribe(stream);
  }

  private boolean isHead() {
    return HttpMethod.HEAD.is(request.getMethod());
  }

  private void send(
      int status, String type, Iterator<byte[]> pieces, Executor executor, ReadOutcome outcome) {
    if (!isFirst(outcome)) {
      return;
    }
    begin(status, type);
    Sending sending = new Sending();
    if (isHead()) {
      endHead(sending);
      return;
    }
    AnswerWriter writer = new AnswerWriter(request, response, pieces, executor, sending);
    sending.begin(writer);
    writer.write();
  }

  /** Sends the head alone. A single last write would add {@code Content-Length: 0}, unlike GET. */
  private void endHead(Callback end) {
    if (response.getHeaders().contains(HttpHeader.CONTENT_LENGTH)) {
      response.write(/* last= */ true, NO_BYTES.slice(), end);
      return;
    }
    response.write(
        /* last= */ false,
        NO_BYTES.slice(),
        Callback.from(
            () -> response.write(/* last= */ true, NO_BYTES.slice(), end),
            failure -> end.failed(failure)));
  }

  private void begin(int status, String type) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
  }

  private boolean isFirst(ReadOutcome outcome) {
    if (!isAnswered.compareAndSet(false, true)) {
      return false;
    }
    ReadObserver counting = observer;
    if (counting != null) {
      counting.read(outcome, System.nanoTime() - startNanos);
    }
    return true;
  }

  /** Releases what the answer holds when it is sent or sending has failed; once. */
  private final class Sending implements Callback {
    private final AtomicBoolean isEnded = new AtomicBoolean();
    private volatile AnswerPace.@Nullable Sending sending;

    void begin(AnswerPace.Sending begun) {
      sending = begun;
      pace.begin(begun);
    }

    private boolean isFirstEnd() {
      if (!isEnded.compareAndSet(false, true)) {
        return false;
      }
      lease.close();
      AnswerPace.Sending ended = sending;
      if (ended != null) {
        pace.end(ended);
      }
      return true;
    }

    @Override
    public void succeeded() {
      if (isFirstEnd()) {
        callback.succeeded();
      }
    }

    @Override
    public void failed(Throwable failure) {
      if (isFirstEnd()) {
        LOG.debug("answer not sent: path={}", request.getHttpURI().getPath(), failure);
        callback.failed(failure);
      }
    }
  }
}
