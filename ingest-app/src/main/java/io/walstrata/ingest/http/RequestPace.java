package io.walstrata.ingest.http;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends connections on which a request has begun and does not come whole in time. */
final class RequestPace implements Closeable {
  /*
   * A client that sends a byte now and then is never idle. Enough of them would take all
   * connections for as long as they like, and health would not be answered.
   */
  private static final Logger LOG = LoggerFactory.getLogger(RequestPace.class);

  private static final long LOOK_MS = 1_000;

  /** What a connection had received when its last request or answer was whole. */
  private static final class Received {
    long requests = -1;
    long bytes;
    long beginNanos; // of the next request
    boolean isBegun;
  }

  private final Supplier<Collection<EndPoint>> connections;
  private final long requestMs;
  private final ScheduledThreadPoolExecutor scheduler;

  /** The looking thread's own. */
  private IdentityHashMap<EndPoint, Received> known = new IdentityHashMap<>();

  /**
   * @param connections gives those that are open
   * @param requestMs for how long a request may come
   */
  RequestPace(Supplier<Collection<EndPoint>> connections, long requestMs) {
    this.connections = connections;
    this.requestMs = requestMs;
    this.scheduler = new ScheduledThreadPoolExecutor(1, Threads.named("http-request-pace"));
    long lookMs = Math.min(LOOK_MS, requestMs);
    var unused =
        scheduler.scheduleWithFixedDelay(this::look, lookMs, lookMs, TimeUnit.MILLISECONDS);
  }

  private void look() {
    long now = System.nanoTime();
    IdentityHashMap<EndPoint, Received> open = new IdentityHashMap<>();
    for (EndPoint each : connections.get()) {
      Received received = known.getOrDefault(each, new Received());
      open.put(each, received);
      try {
        look(now, each, received);
      } catch (RuntimeException e) {
        LOG.warn("connection of a slow client not closed", e); // the others are looked at
      }
    }
    known = open;
  }

  private void look(long now, EndPoint endPoint, Received received) {
    Connection connection = endPoint.getConnection();
    if (connection == null) {
      return;
    }
    long requests = connection.getMessagesIn(); // first: its bytes are counted before it is
    long bytes = connection.getBytesIn();
    if (requests != received.requests || requests != connection.getMessagesOut()) {
      received.requests = requests;
      received.bytes = requests == 0 ? 0 : bytes;
      received.isBegun = false;
    }
    if (bytes == received.bytes) {
      return;
    }
    if (!received.isBegun) {
      received.isBegun = true;
      received.beginNanos = now;
    } else if (now - received.beginNanos >= TimeUnit.MILLISECONDS.toNanos(requestMs)) {
      endPoint.close(new IOException("the request comes too slowly: ms=" + requestMs));
    }
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}
