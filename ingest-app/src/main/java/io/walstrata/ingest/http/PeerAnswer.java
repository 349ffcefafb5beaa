package io.walstrata.ingest.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The outcome of a request to another instance of the job. */
sealed interface PeerAnswer {

  /**
   * Returns whether another instance may have a better answer: this one does not answer, or lacks
   * the timeline or some partition, or it may follow another one and has not reached the LSN.
   */
  boolean isOpen(boolean hasStandbys);

  /** Releases an answer that is not needed. */
  default void discard() {}

  /** There is no answer of an instance. */
  record NoReply(Answers.Failure why) implements PeerAnswer {
    @Override
    public boolean isOpen(boolean hasStandbys) {
      return true;
    }
  }

  /**
   * An instance's answer.
   *
   * @param headers those that are passed on
   * @param body JSON; empty if it is a stream
   * @param stream the body of a good answer that is passed on as it comes; it must be subscribed
   *     to, once, or discarded
   * @param failure the body of an error answer; null for a good answer
   */
  @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
  record Reply(
      String address,
      int status,
      Map<String, String> headers,
      byte[] body,
      Flow.@Nullable Publisher<List<ByteBuffer>> stream,
      Answers.@Nullable Failure failure)
      implements PeerAnswer {

    @Override
    public boolean isOpen(boolean hasStandbys) {
      return is(Errors.Code.TIMELINE_NOT_FOUND)
          || is(Errors.Code.NOT_READY)
          || (hasStandbys && is(Errors.Code.LSN_NOT_REACHED));
    }

    boolean is(Errors.Code code) {
      return failure != null && code.text().equals(failure.code());
    }

    @Override
    public void discard() {
      if (stream != null) {
        stream.subscribe(new Cancelling<>());
      }
    }

    /**
     * Returns the body of a good answer.
     *
     * @throws ApiException if it is not of this type
     */
    <T> T as(Class<T> type) {
      try {
        return Json.MAPPER.readValue(body, type);
      } catch (IOException e) {
        ApiException invalid = new ApiException(Errors.peerInvalid(address, status));
        invalid.initCause(e);
        throw invalid;
      }
    }
  }

  /** Cancels what it subscribes to. */
  final class Cancelling<T> implements Flow.Subscriber<T> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.cancel();
    }

    @Override
    public void onNext(T item) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }
}
