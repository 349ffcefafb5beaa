package io.walstrata.ingest.http;

import java.io.Closeable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the connections of clients that take their answers too slowly. Thread-safe. */
final class Pace implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Pace.class);
  private static final long LOOK_MS = 1_000;

  /** Something that is being sent. */
  interface Sending {
    /** Returns how much the client, or the network on the way to it, has taken. */
    long sentBytes();

    /** Ends the connection; the write that is under way fails. */
    void abort(String reason);
  }

  /** What was sent since when. The looking thread's own, once it is begun. */
  private static final class Window {
    long startNanos = System.nanoTime();
    long startBytes;
  }

  private final long windowNanos;
  private final long bytesPerSecond;
  private final Map<Sending, Window> sending = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor scheduler;

  /**
   * @param window in each of these, one after the other, a client has to take
   * @param bytesPerSecond so much on average
   */
  Pace(Duration window, long bytesPerSecond) {
    this.windowNanos = window.toNanos();
    this.bytesPerSecond = bytesPerSecond;
    this.scheduler = new ScheduledThreadPoolExecutor(1, Threads.named("http-pace"));
    var unused =
        scheduler.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  void begin(Sending answer) {
    sending.put(answer, new Window());
  }

  void end(Sending answer) {
    sending.remove(answer);
  }

  /** Returns how many answers are being sent. */
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
            // The scheduler would not look again, at any answer.
            LOG.warn("connection of a slow client not closed", e);
          }
        });
  }

  /*
   * By windows rather than on average: what the network's buffers have taken at once, megabytes,
   * would stand for minutes of a client that takes nothing.
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
          "the client takes the answer too slowly: bytes="
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
