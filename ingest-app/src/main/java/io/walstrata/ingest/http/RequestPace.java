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

/** Closes connections whose request has begun to arrive and is not complete in time. */
final class RequestPace implements Closeable {
  /*
   * A client that sends a byte now and then is never idle. Enough of them could hold all
   * connections for any time, and health would not be answered.
   */
  private static final Logger LOG = LoggerFactory.getLogger(RequestPace.class);

  private static final long LOOK_MS = 1_000;

  /** What a connection had received when its last request or answer was complete. */
  private static final class Received {
    long requests = -1;
    long bytes;
    long beginNanos; // when the next request began
    boolean isBegun;
  }

  private final Supplier<Collection<EndPoint>> connections;
  private final long requestMs;
  private final ScheduledThreadPoolExecutor scheduler;

  /** Used by the scheduler's thread alone. */
  private IdentityHashMap<EndPoint, Received> known = new IdentityHashMap<>();

  /**
   * @param connections gives the open ones
   * @param requestMs the longest time that a request may take to arrive
   */
  RequestPace(Supplier<Collection<EndPoint>> connections, long requestMs) {
    this.connections = connections;
    this.requestMs = requestMs;
    this.scheduler = Threads.scheduler("http-request-pace", 1);
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
        LOG.warn("connection of a slow client not closed", e); // the others are still checked
      }
    }
    known = open;
  }

  private void look(long now, EndPoint endPoint, Received received) {
    Connection connection = endPoint.getConnection();
    if (connection == null) {
      return;
    }
    long requests =
        connection.getMessagesIn(); // read first: bytes are counted before their request is
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
      endPoint.close(new IOException("the request arrives too slowly: ms=" + requestMs));
    }
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}
