package io.walstrata.ingest.http;

import io.walstrata.layerstore.page.ReadLimit;
import io.walstrata.layerstore.page.ReadLimitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks other instances of the job, without a thread that waits. Thread-safe. */
final class PeerClient {
  /** Marks a question that another instance passes on: it is answered from what is here. */
  static final String FORWARDED = "Walstrata-Forwarded";

  /** Every answer of an instance has it; what has not is from something else. */
  static final String API = "Walstrata-Api";

  static final String API_VERSION = "1";

  private final HttpClient client;
  private final Duration answerTimeout;

  PeerClient(Duration connectTimeout, Duration answerTimeout) {
    this.client = HttpClient.newBuilder().connectTimeout(connectTimeout).build();
    this.answerTimeout = answerTimeout;
  }

  /** A body: in memory, or on its way. */
  @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
  private record Body(byte[] bytes, Flow.@Nullable Publisher<List<ByteBuffer>> stream) {
    static final Body NONE = new Body(new byte[0], null);
  }

  /**
   * What came of a question to an instance.
   *
   * @param status 0 if there was no answer
   * @param etag the answer's, if it has one
   * @param body JSON; empty if there was no answer, or a stream
   * @param stream the body of a good answer that is passed on as it comes; it must be subscribed
   *     to, once, or discarded
   * @param failure why there was no answer; null if there was one
   */
  @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
  record Reply(
      String address,
      int status,
      @Nullable String etag,
      byte[] body,
      Flow.@Nullable Publisher<List<ByteBuffer>> stream,
      @Nullable RuntimeException failure) {
    static Reply none(String address, RuntimeException failure) {
      return new Reply(address, 0, null, new byte[0], null, failure);
    }

    boolean isAnswer() {
      return failure == null;
    }

    /**
     * Whether another instance may know better: this one lacks the timeline or some partition, or
     * it may follow another one and has not reached the LSN.
     */
    boolean isOpen(boolean hasStandbys) {
      return !isAnswer()
          || isFailure(Errors.Code.TIMELINE_NOT_FOUND)
          || isNotReady()
          || (hasStandbys && isNotReached());
    }

    boolean isNotReached() {
      return isFailure(Errors.Code.LSN_NOT_REACHED);
    }

    boolean isNotReady() {
      return isFailure(Errors.Code.NOT_READY);
    }

    private boolean isFailure(Errors.Code code) {
      return status == code.status() && code.text().equals(as(Answers.Failure.class).code());
    }

    /** Ends the stream of an answer that is not needed. */
    void discard() {
      if (stream != null) {
        stream.subscribe(new Cancelling<>());
      }
    }

    /**
     * Returns the body as one of the interface's answers.
     *
     * @throws ApiException if it is not
     */
    <T> T as(Class<T> type) {
      try {
        return Json.MAPPER.readValue(body, type);
      } catch (IOException e) {
        ApiException invalid = Errors.peerInvalid(address, status);
        invalid.initCause(e);
        throw invalid;
      }
    }

    /** Whether it is what an instance may answer; of a good answer the body is not looked at. */
    private boolean isOurs() {
      try {
        return status == 200 || status == 304 || as(Answers.Failure.class).code() != null;
      } catch (ApiException e) {
        return false;
      }
    }
  }

  /**
   * Asks an instance; the future never fails.
   *
   * @param ifNoneMatch the client's condition, if it has one
   * @param limit asked before bytes of the answer are kept; a good answer that is streamed is not
   * @param isStreamed whether a good answer comes as a stream
   */
  CompletableFuture<Reply> get(
      String address,
      String pathAndQuery,
      @Nullable String ifNoneMatch,
      ReadLimit limit,
      boolean isStreamed) {
    HttpRequest request;
    try {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(URI.create("http://" + address + pathAndQuery))
              .timeout(answerTimeout)
              .header(FORWARDED, "1");
      if (ifNoneMatch != null) {
        builder.header("If-None-Match", ifNoneMatch);
      }
      request = builder.build();
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(unavailable(address, String.valueOf(e)));
    }
    CompletableFuture<HttpResponse<Body>> sent =
        client.sendAsync(request, info -> subscriber(info, limit, isStreamed));
    // The request's own timeout ends with the headers.
    return sent.copy()
        .orTimeout(answerTimeout.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (response, failure) -> {
              if (failure == null) {
                return reply(address, response);
              }
              sent.cancel(true);
              return failed(address, failure);
            });
  }

  private static BodySubscriber<Body> subscriber(
      HttpResponse.ResponseInfo info, ReadLimit limit, boolean isStreamed) {
    if (info.headers().firstValue(API).isEmpty()) {
      return new Ignored();
    }
    return isStreamed && info.statusCode() == 200
        ? BodySubscribers.mapping(
            BodySubscribers.ofPublisher(), stream -> new Body(new byte[0], stream))
        : BodySubscribers.mapping(new Limited(limit), bytes -> new Body(bytes, null));
  }

  private static Reply reply(String address, HttpResponse<Body> response) {
    if (response.headers().firstValue(API).isEmpty()) {
      return Reply.none(address, Errors.peerInvalid(address, response.statusCode()));
    }
    Reply reply =
        new Reply(
            address,
            response.statusCode(),
            response.headers().firstValue("ETag").orElse(null),
            response.body().bytes(),
            response.body().stream(),
            null);
    return reply.isOurs()
        ? reply
        : Reply.none(address, Errors.peerInvalid(address, response.statusCode()));
  }

  private static Reply failed(String address, Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ReadLimitException refused) {
        return Reply.none(address, refused);
      }
    }
    return unavailable(
        address, cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.toString());
  }

  private static Reply unavailable(String address, String error) {
    return Reply.none(address, Errors.peerUnavailable(address, error));
  }

  /** Wants nothing of what comes. */
  private static final class Cancelling<T> implements Flow.Subscriber<T> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.cancel();
      onComplete();
    }

    @Override
    public void onNext(T item) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }

  /** Takes nothing of a body. */
  private static final class Ignored implements BodySubscriber<Body> {
    @Override
    public CompletionStage<Body> getBody() {
      return CompletableFuture.completedFuture(Body.NONE);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.cancel();
    }

    @Override
    public void onNext(List<ByteBuffer> items) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }

  /** Keeps a body for as long as the limit has room for it. */
  private static final class Limited implements BodySubscriber<byte[]> {
    /** A body is copied once when it is whole. */
    private static final int COPIES = 2;

    private final ReadLimit limit;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    Limited(ReadLimit limit) {
      this.limit = limit;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> items) {
      try {
        for (ByteBuffer each : items) {
          limit.take((long) COPIES * each.remaining());
          byte[] piece = new byte[each.remaining()];
          each.get(piece);
          bytes.writeBytes(piece);
        }
      } catch (RuntimeException e) {
        body.completeExceptionally(e);
        if (subscription != null) {
          subscription.cancel();
        }
        return;
      }
      if (subscription != null) {
        subscription.request(1);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
