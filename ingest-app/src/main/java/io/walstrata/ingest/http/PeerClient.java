package io.walstrata.ingest.http;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks other instances of the job, without a thread that waits. Thread-safe. */
final class PeerClient {
  /** Marks a question that another instance passes on: it is answered from what is here. */
  static final String FORWARDED = "Walstrata-Forwarded";

  /** Every answer of an instance has it; what has not is from something else. */
  static final String API = "Walstrata-Api";

  static final String API_VERSION = "1";

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final HttpClient client;
  private final Duration answerTimeout;

  PeerClient(Duration connectTimeout, Duration answerTimeout) {
    this.client = HttpClient.newBuilder().connectTimeout(connectTimeout).build();
    this.answerTimeout = answerTimeout;
  }

  /**
   * What came of a question to an instance.
   *
   * @param status 0 if there was no answer
   * @param body the answer, JSON; empty if there was none
   * @param failure why there was none; null if there was one
   */
  @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
  record Reply(String address, int status, byte[] body, @Nullable ApiException failure) {
    static Reply none(String address, ApiException failure) {
      return new Reply(address, 0, new byte[0], failure);
    }

    boolean isAnswer() {
      return failure == null;
    }

    /**
     * Whether another instance may know better: this one lacks the timeline or some partition, or
     * it may follow another one and is behind the LSN.
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

    /**
     * Returns the body as one of the interface's answers.
     *
     * @throws IllegalStateException if it is not
     */
    <T> T as(Class<T> type) {
      try {
        return JSON.readValue(body, type);
      } catch (IOException e) {
        throw new IllegalStateException(
            "the answer is not a Walstrata job's: instance=" + address + ", status=" + status, e);
      }
    }
  }

  /** Asks an instance; the future never fails. */
  CompletableFuture<Reply> get(String address, String pathAndQuery) {
    HttpRequest request;
    try {
      request =
          HttpRequest.newBuilder(URI.create("http://" + address + pathAndQuery))
              .timeout(answerTimeout)
              .header(FORWARDED, "1")
              .build();
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(unavailable(address, String.valueOf(e)));
    }
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .handle(
            (response, failure) ->
                failure == null ? reply(address, response) : unavailable(address, text(failure)));
  }

  private static Reply reply(String address, HttpResponse<byte[]> response) {
    return response.headers().firstValue(API).isPresent()
        ? new Reply(address, response.statusCode(), response.body(), null)
        : Reply.none(address, Errors.peerInvalid(address, response.statusCode()));
  }

  private static Reply unavailable(String address, String error) {
    return Reply.none(address, Errors.peerUnavailable(address, error));
  }

  private static String text(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.toString();
  }
}
