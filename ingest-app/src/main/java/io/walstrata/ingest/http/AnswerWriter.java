package io.walstrata.ingest.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Sends an answer piece by piece: the next piece is made when the last one was written, and no
 * thread waits for that. Memory: one piece.
 */
final class AnswerWriter implements AnswerPace.Sending {
  /** Small pieces are joined up to this length: a write costs more than its bytes. */
  static final int BYTES_PER_WRITE = 16 << 10;

  private final Request request;
  private final Response response;
  private final Iterator<byte[]> pieces;
  private final Executor executor;
  private final Callback end;
  private volatile long sentBytes;

  /**
   * @param pieces iterated by one thread at a time
   * @param executor runs the making of each write
   * @param end called once, when everything is sent or sending has failed
   */
  AnswerWriter(
      Request request,
      Response response,
      Iterator<byte[]> pieces,
      Executor executor,
      Callback end) {
    this.request = request;
    this.response = response;
    this.pieces = pieces;
    this.executor = executor;
    this.end = end;
  }

  @Override
  public long sentBytes() {
    return sentBytes;
  }

  /** Makes the first write in this thread; the executor makes the others. */
  void write() {
    ByteBuffer bytes;
    boolean isLast;
    try {
      bytes = nextBytes();
      isLast = !pieces.hasNext();
    } catch (RuntimeException | Error e) {
      end.failed(e); // errors too: otherwise the memory of the answer would stay taken
      return;
    }
    int length = bytes.remaining();
    response.write(
        isLast,
        bytes,
        Callback.from(() -> written(length, isLast), failure -> end.failed(failure)));
  }

  private ByteBuffer nextBytes() {
    byte[] first = pieces.hasNext() ? pieces.next() : new byte[0];
    if (first.length >= BYTES_PER_WRITE || !pieces.hasNext()) {
      return ByteBuffer.wrap(first);
    }
    byte[] all = new byte[BYTES_PER_WRITE];
    int length = 0;
    byte[] piece = first;
    while (true) {
      if (length + piece.length > all.length) {
        all = java.util.Arrays.copyOf(all, length + piece.length);
      }
      System.arraycopy(piece, 0, all, length, piece.length);
      length += piece.length;
      if (length >= BYTES_PER_WRITE || !pieces.hasNext()) {
        return ByteBuffer.wrap(all, 0, length);
      }
      piece = pieces.next();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one write at a time
  private void written(int length, boolean isLast) {
    sentBytes += length;
    if (isLast) {
      end.succeeded();
      return;
    }
    try {
      executor.execute(this::write);
    } catch (RejectedExecutionException e) {
      end.failed(e); // the server stops
    }
  }

  @Override
  public void abort(String reason) {
    request.getConnectionMetaData().getConnection().getEndPoint().close(new IOException(reason));
  }
}
