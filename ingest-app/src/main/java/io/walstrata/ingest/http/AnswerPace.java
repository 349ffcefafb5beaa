package io.walstrata.ingest.http;

import java.io.Closeable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes the connections of clients that read their answers too slowly. Thread-safe. */
final class AnswerPace implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AnswerPace.class);
  private static final long LOOK_MS = 1_000;

  /** An answer that is being sent. */
  interface Sending {
    /** Returns the bytes that the client, or the network on the way to it, has accepted. */
    long sentBytes();

    /** Closes the connection; a write in progress fails. */
    void abort(String reason);
  }

  /** The start of a period and the bytes sent by then. Used by the scheduler's thread alone. */
  private static final class Window {
    long startNanos = System.nanoTime();
    long startBytes;
  }

  private final long windowNanos;
  private final long bytesPerSecond;
  private final Map<Sending, Window> sending = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor scheduler;

  /**
   * @param window the periods, one after the other, in each of which a client must be fast enough
   * @param bytesPerSecond the lowest average
   */
  AnswerPace(Duration window, long bytesPerSecond) {
    this.windowNanos = window.toNanos();
    this.bytesPerSecond = bytesPerSecond;
    this.scheduler = Threads.scheduler("http-pace", 1);
    var unused =
        scheduler.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  void begin(Sending answer) {
    sending.put(answer, new Window());
  }

  void end(Sending answer) {
    sending.remove(answer);
  }

  /** Returns the number of answers that are being sent. */
  int answers() {
    return sending.size();
  }

  private void look() {
    long now = System.nanoTime();
    sending.forEach(
        (answer, window) -> {
          try {
            look(now, answer, window);
          } catch (RuntimeException e) {
            // Thrown, it would end the checks of all answers.
            LOG.warn("connection of a slow client not closed", e);
          }
        });
  }

  /*
   * By periods rather than on average: megabytes that the network's buffers accept at once would
   * stand for minutes of a client that reads nothing.
   */
  private void look(long now, Sending answer, Window window) {
    long nanos = now - window.startNanos;
    if (nanos < windowNanos) {
      return;
    }
    long sentBytes = answer.sentBytes();
    long bytes = sentBytes - window.startBytes;
    if (bytes < nanos / 1e9 * bytesPerSecond) {
      answer.abort(
          "the client reads the answer too slowly: bytes="
              + bytes
              + ", ms="
              + TimeUnit.NANOSECONDS.toMillis(nanos)
              + ", minBytesPerSecond="
              + bytesPerSecond);
    }
    window.startNanos = now;
    window.startBytes = sentBytes;
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}
