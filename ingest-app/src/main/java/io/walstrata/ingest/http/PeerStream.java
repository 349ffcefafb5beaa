package io.walstrata.ingest.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Passes another instance's answer on as it comes: the next bytes are requested when the last ones
 * were written to the client, and no thread waits for that.
 */
final class PeerStream implements Flow.Subscriber<List<ByteBuffer>>, AnswerPace.Sending {
  private final Request request;
  private final Response response;
  private final Callback end;
  private Flow.@Nullable Subscription subscription; // set before the first bytes
  private volatile long sentBytes;

  /**
   * @param end called once, when everything is sent or sending has failed
   */
  PeerStream(Request request, Response response, Callback end) {
    this.request = request;
    this.response = response;
    this.end = end;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> items) {
    int length = items.stream().mapToInt(ByteBuffer::remaining).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    items.forEach(all::put);
    response.write(
        /* last= */ false, all.flip(), Callback.from(() -> written(length), this::failed));
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one write at a time
  private void written(int length) {
    sentBytes += length;
    if (subscription != null) {
      subscription.request(1);
    }
  }

  private void failed(Throwable failure) {
    if (subscription != null) {
      subscription.cancel();
    }
    end.failed(failure);
  }

  @Override
  public void onError(Throwable failure) {
    end.failed(failure);
  }

  @Override
  public void onComplete() {
    response.write(/* last= */ true, ByteBuffer.allocate(0), end);
  }

  @Override
  public long sentBytes() {
    return sentBytes;
  }

  /** Closes the connection to the client, also if it is the other instance that sends nothing. */
  @Override
  public void abort(String reason) {
    request.getConnectionMetaData().getConnection().getEndPoint().close(new IOException(reason));
    failed(new IOException(reason));
  }
}
