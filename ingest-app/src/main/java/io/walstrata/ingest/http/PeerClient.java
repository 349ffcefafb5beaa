package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReadLimitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks other instances of the job; no thread waits for their answers. Thread-safe. */
final class PeerClient {
  /** Header of a request that another instance forwards: it is answered from what is here. */
  static final String FORWARDED = "Walstrata-Forwarded";

  /** Header of every answer of an instance; an answer without it is from something else. */
  static final String API = "Walstrata-Api";

  static final String API_VERSION = "1";

  private static final List<String> PASSED_ON = passedOn();

  private static List<String> passedOn() {
    List<String> names = new ArrayList<>(PageHeaders.NAMES);
    names.add("ETag");
    names.add("Vary");
    names.add("Content-Type");
    return names;
  }

  private final HttpClient client;
  private final Duration answerTimeout;

  PeerClient(Duration connectTimeout, Duration answerTimeout) {
    this.client = HttpClient.newBuilder().connectTimeout(connectTimeout).build();
    this.answerTimeout = answerTimeout;
  }

  /** A body: in memory, or a stream. */
  @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
  private record Body(byte[] bytes, Flow.@Nullable Publisher<List<ByteBuffer>> stream) {
    static final Body NONE = new Body(new byte[0], null);
  }

  /**
   * Sends a request to an instance; the future never fails.
   *
   * @param headers of the client's request that are passed on
   * @param limit called before bytes of the answer are kept; those of a stream are not kept
   * @param isStreamed whether a good answer is a stream
   */
  CompletableFuture<PeerAnswer> get(
      String address,
      String pathAndQuery,
      Map<String, String> headers,
      ReadLimit limit,
      boolean isStreamed) {
    HttpRequest request;
    try {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(URI.create("http://" + address + pathAndQuery))
              .timeout(answerTimeout)
              .header(FORWARDED, "1");
      headers.forEach(builder::header);
      request = builder.build();
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(unavailable(address, String.valueOf(e)));
    }
    CompletableFuture<HttpResponse<Body>> sent =
        client.sendAsync(request, info -> subscriber(info, limit, isStreamed));
    // The request's own timeout covers only the headers.
    return sent.copy()
        .orTimeout(answerTimeout.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (response, failure) -> {
              if (failure == null) {
                return answer(address, response);
              }
              sent.cancel(true);
              return noReply(address, failure);
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

  private static PeerAnswer answer(String address, HttpResponse<Body> response) {
    int status = response.statusCode();
    boolean isGood = status == 200 || status == 304;
    Answers.Failure failure = isGood ? null : failure(response.body().bytes());
    if (response.headers().firstValue(API).isEmpty() || (!isGood && failure == null)) {
      return new PeerAnswer.NoReply(Errors.peerInvalid(address, status));
    }
    return new PeerAnswer.Reply(
        address,
        status,
        passedOn(response.headers()),
        response.body().bytes(),
        response.body().stream(),
        failure);
  }

  /** Returns the headers that belong to the answer, not to the connection. */
  private static Map<String, String> passedOn(HttpHeaders headers) {
    Map<String, String> passedOn = new TreeMap<>();
    for (String name : PASSED_ON) {
      headers.firstValue(name).ifPresent(value -> passedOn.put(name, value));
    }
    return passedOn;
  }

  /** Returns the error answer in a body; null if it is none. */
  private static Answers.@Nullable Failure failure(byte[] body) {
    try {
      Answers.Failure failure = Json.MAPPER.readValue(body, Answers.Failure.class);
      return failure.code() == null ? null : failure;
    } catch (IOException e) {
      return null;
    }
  }

  private static PeerAnswer noReply(String address, Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ReadLimitException refused) {
        return new PeerAnswer.NoReply(Errors.of(refused));
      }
    }
    return unavailable(
        address, cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.toString());
  }

  private static PeerAnswer unavailable(String address, String error) {
    return new PeerAnswer.NoReply(Errors.peerUnavailable(address, error));
  }

  /** Reads nothing of a body. */
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

  /** Keeps a body if the limit has room for it. */
  private static final class Limited implements BodySubscriber<byte[]> {
    /** A body is copied once when it is complete. */
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
