package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ReplicationConnection.Address;
import io.walstrata.ingest.produce.ReplicationConnection.Identity;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalPositions;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the log of a running PostgreSQL on a thread of its own, whatever becomes of the
 * connection, and tells the server what Kafka holds.
 */
final class WalReceiver {
  /*
   * The receiver stays responsive whatever Kafka does: if the queue is full it stops reading but goes
   * on reporting, so that the server does not take it for dead. Only when Kafka has been stuck for
   * long does it hang up: a PostgreSQL that shuts down waits for its receivers to have flushed
   * everything, and with a broker that is away that would be for ever.
   *
   * Each connection begins at the anchor of the last whole record, and both are read again and compared: what answers
   * now may be another server than before, or the same one put back to an older state, and a position
   * in the log does not show that. What is in the queue then is dropped, so that it is not applied
   * before that comparison. Only from the end of a timeline reading goes straight on to the next one.
   * If the segment in which that record begins is gone (a slot only keeps
   * those from what was acknowledged on), reading begins at the page on which the next one begins.
   */
  private static final Logger LOG = LoggerFactory.getLogger(WalReceiver.class);

  private static final long IDLE_NANOS = Duration.ofMillis(5).toNanos();
  private static final long REPORT_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long QUICK_REPORT_NANOS = Duration.ofMillis(20).toNanos();
  private static final long ASK_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long SILENCE_NANOS = Duration.ofSeconds(60).toNanos();
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LAST_PAUSE_MS = 5000;

  /** What the receiver needs to know of the rest of the producer. Called on its thread. */
  interface Progress {
    /** The end of the last record applied. */
    Lsn readLsn();

    /**
     * Where to begin reading to continue after {@link #readLsn}: the same if there is nothing
     * before.
     */
    Lsn rereadLsn();

    /** PostgreSQL's timeline of the last bytes applied or of the claim resumed; 0 if unknown. */
    int postgresTimeline();

    /** What Kafka has acknowledged. */
    Lsn ackedLsn();

    /** How long Kafka has been acknowledging nothing. */
    Duration stalledFor();

    /** The server wants to know soon what Kafka holds. */
    void hurry();

    /** Shows whether the connection stands. */
    void connected(boolean stands);
  }

  private final Address address;
  private final @Nullable String slot;
  private final long systemIdentifier;
  private final int segmentBytes;
  private final Duration stall;
  private final Duration startTimeout;
  private final WalQueue queue;
  private final Progress progress;
  private final Thread thread;

  private volatile boolean stopping;
  private volatile boolean restartWanted;
  private volatile @Nullable ProduceException failure;
  private volatile Lsn serverLsn = Lsn.INVALID;

  private Lsn next = Lsn.INVALID;
  private int streamTimeline;

  /** Where the timeline ends, as far as the server knew when the stream began. */
  private Lsn streamEnd = Lsn.MAX;

  /** The next chunk does not follow those before. */
  private boolean restart;

  /** Whether the segment of the last whole record and its anchor is there, as far as is known. */
  private boolean rereadsRecord = true;

  /** Whether the last connection ended with the timeline: what is next is on another one. */
  private boolean timelineEnded;

  private boolean everConnected;
  private Lsn reported = Lsn.INVALID;
  private long reportedAt;
  private long askedAt;
  private long heardAt;
  private boolean replyWanted;

  WalReceiver(
      Address address,
      @Nullable String slot,
      long systemIdentifier,
      int segmentBytes,
      Duration stall,
      Duration startTimeout,
      WalQueue queue,
      Progress progress) {
    this.address = address;
    this.slot = slot;
    this.systemIdentifier = systemIdentifier;
    this.segmentBytes = segmentBytes;
    this.stall = stall;
    this.startTimeout = startTimeout;
    this.queue = queue;
    this.progress = progress;
    this.thread = new Thread(this::live, "walstrata-wal-receiver");
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Makes the receiver begin again at what is read again of the last whole record. */
  void requestRestart() {
    restartWanted = true;
  }

  /** Returns how far the server's log goes, as far as it has told. */
  Lsn serverLsn() {
    return serverLsn;
  }

  /** Throws what ended the receiver, if something did. */
  void checkFailed() {
    ProduceException known = failure;
    if (known != null) {
      throw known;
    }
  }

  /** Reports for the last time and disconnects. */
  void stop() throws InterruptedException {
    stopping = true;
    thread.join(TimeUnit.SECONDS.toMillis(5));
    thread.interrupt();
  }

  private void live() {
    try {
      stayConnected();
    } catch (ProduceException e) {
      failure = e;
    } catch (InterruptedException e) {
      failure = ProduceException.unavailable("interrupted while the log was received", e);
    } catch (RuntimeException | Error e) {
      LOG.error("receiver met a fault of its own", e);
      failure =
          new ProduceException(ProduceException.Reason.FAILED, "a fault of the producer: " + e, e);
    }
  }

  private void stayConnected() throws InterruptedException {
    Backoff backoff = new Backoff(startTimeout);
    while (!stopping) {
      awaitKafka();
      try (ReplicationConnection connection = ReplicationConnection.open(address)) {
        ReplicationStream stream = begin(connection);
        everConnected = true;
        backoff.reset();
        progress.connected(true);
        receive(stream);
        progress.connected(false);
      } catch (SQLException e) {
        progress.connected(false);
        if (stopping) {
          return;
        }
        if (rereadsRecord && PostgresErrors.isLogRemoved(e) && needsEarlierSegment()) {
          LOG.info("the last record's segment is gone, it is not read again: lsn={}", next);
          rereadsRecord = false;
          continue;
        }
        backoff.pauseOrThrow(
            e,
            PostgresErrors.isTransient(e, everConnected),
            everConnected,
            () -> PostgresErrors.describe(e, address, String.valueOf(slot), next, serverLsn));
      }
    }
  }

  private boolean needsEarlierSegment() {
    return next.isBefore(WalPositions.segmentStart(progress.readLsn(), segmentBytes));
  }

  /** Checks that it is the same server still, and starts streaming. */
  private ReplicationStream begin(ReplicationConnection connection) throws SQLException {
    Identity identity = connection.identify();
    requireSame(identity.systemIdentifier(), systemIdentifier, address);
    serverLsn = identity.flushLsn();
    TimelineHistory history = connection.history(identity.timeline());
    int current = progress.postgresTimeline();
    if (current != 0) {
      history.requireContinues(current, progress.readLsn());
    }
    if (restartWanted || !timelineEnded) {
      restartWanted = false;
      restart = true;
      queue.clear();
      next = WalPositions.pageStart(rereadsRecord ? progress.rereadLsn() : progress.readLsn());
    }
    timelineEnded = false;
    requireLog(identity);
    int timeline = history.at(next);
    ReplicationStream stream = connection.stream(slot, next, timeline);
    streamTimeline = timeline;
    streamEnd = history.endOf(timeline);
    LOG.info(
        "streaming from {}: lsn={} timeline={} server={} slot={}",
        address,
        next,
        timeline,
        serverLsn,
        slot);
    return stream;
  }

  /**
   * A standby may lag, but a primary whose log ends before the claim never wrote what was claimed.
   */
  private void requireLog(Identity identity) throws SQLException {
    Lsn read = progress.readLsn();
    boolean continues = progress.rereadLsn().isBefore(read);
    // After an XLOG_SWITCH record the claim is the segment's end, which may not be flushed yet.
    Lsn atLeast = WalPositions.pageStart(read).equals(read) ? next : read;
    if (continues && !identity.isStandby() && identity.flushLsn().isBefore(atLeast)) {
      throw ProduceException.failed(
          "the server's log ends before the last claim in the topic, and the server is no standby"
              + (" that lags: claim=" + read + ", server=" + identity.flushLsn())
              + (", url=" + address)
              + "; it was put back to an older state: use the right server, or start a timeline of"
              + " its own with --timeline");
    }
    if (identity.flushLsn().isBefore(next)) {
      throw new SQLTransientException(
          "the server's log ends before that: flushed=" + identity.flushLsn());
    }
  }

  static void requireSame(long actual, long expected, Address address) {
    if (actual != expected) {
      throw ProduceException.failed(
          "the URL now leads to a different cluster: url="
              + (address + ", expected=" + Long.toUnsignedString(expected))
              + (", actual=" + Long.toUnsignedString(actual) + " (system identifiers)"));
    }
  }

  private void receive(ReplicationStream stream) throws SQLException, InterruptedException {
    heardAt = System.nanoTime();
    askedAt = heardAt;
    report(stream, heardAt);
    while (!stopping && !restartWanted && next.isBefore(streamEnd)) {
      ReplicationStream.Message message = stream.poll();
      long now = System.nanoTime();
      if (message != null) {
        heardAt = now;
        take(stream, message);
      } else if (!stream.isActive()) {
        return;
      } else {
        TimeUnit.NANOSECONDS.sleep(IDLE_NANOS);
      }
      reportIfDue(stream);
      if (now - heardAt > SILENCE_NANOS) {
        throw new SQLException("postgres has been silent for too long", "08006");
      }
      if (isStalled()) {
        return;
      }
    }
    timelineEnded = !next.isBefore(streamEnd);
    if (stopping) {
      report(stream, System.nanoTime());
    }
  }

  private void take(ReplicationStream stream, ReplicationStream.Message message)
      throws SQLException, InterruptedException {
    serverLsn = message.serverLsn();
    if (message.replyWanted()) {
      replyWanted = true;
      progress.hurry();
    }
    ByteBuffer wal = message.wal();
    if (!wal.hasRemaining()) {
      return;
    }
    if (!message.lsn().equals(next)) {
      throw ProduceException.failed(
          "postgres sent other log than was asked for: expected="
              + next
              + ", got="
              + message.lsn());
    }
    // A server that left a timeline before the end its history file says has its log after that
    // too.
    wal = upTo(streamEnd, next, wal);
    WalQueue.Chunk chunk = new WalQueue.Chunk(restart, streamTimeline, next, wal);
    while (!queue.offer(chunk, 20)) {
      reportIfDue(stream);
      if (stopping || restartWanted || isStalled()) {
        return;
      }
      heardAt = System.nanoTime(); // It is we who do not listen.
    }
    restart = false;
    rereadsRecord = true;
    next = WalPositions.plus(next, wal.remaining());
  }

  /** Returns what of the bytes from an LSN on is before an end that is after that LSN. */
  static ByteBuffer upTo(Lsn end, Lsn lsn, ByteBuffer wal) {
    long left = end.value() - lsn.value();
    return Long.compareUnsigned(left, wal.remaining()) < 0
        ? wal.slice(wal.position(), (int) left)
        : wal;
  }

  private void reportIfDue(ReplicationStream stream) throws SQLException {
    long now = System.nanoTime();
    boolean news = replyWanted || !progress.ackedLsn().equals(reported);
    if (now - reportedAt >= (news ? QUICK_REPORT_NANOS : REPORT_NANOS)) {
      report(stream, now);
    }
  }

  private void report(ReplicationStream stream, long now) throws SQLException {
    boolean ask = now - askedAt >= ASK_NANOS;
    Lsn acked = progress.ackedLsn();
    stream.report(acked.isBefore(next) ? next : acked, acked, ask);
    reported = acked;
    reportedAt = now;
    replyWanted = false;
    if (ask) {
      askedAt = now;
    }
  }

  private boolean isStalled() {
    return progress.stalledFor().compareTo(stall) >= 0;
  }

  /** Stays without a connection while Kafka is stuck. */
  private void awaitKafka() throws InterruptedException {
    if (!isStalled()) {
      return;
    }
    LOG.warn("kafka acknowledges nothing, hung up on postgres until it does: lsn={}", next);
    while (isStalled() && !stopping) {
      Thread.sleep(50);
    }
  }

  /** Pauses between attempts, longer each time. */
  private static final class Backoff {
    private final Duration startTimeout;
    private final long began = System.nanoTime();
    private long pauseMs = FIRST_PAUSE_MS;
    private @Nullable String said;

    Backoff(Duration startTimeout) {
      this.startTimeout = startTimeout;
    }

    void reset() {
      pauseMs = FIRST_PAUSE_MS;
      said = null;
    }

    void pauseOrThrow(
        SQLException e,
        boolean isTransient,
        boolean everConnected,
        Supplier<ProduceException> description)
        throws InterruptedException {
      boolean late = !everConnected && System.nanoTime() - began > startTimeout.toNanos();
      if (!isTransient || late) {
        throw description.get();
      }
      String message = String.valueOf(e.getMessage());
      if (!message.equals(said)) {
        LOG.warn("no log from postgres, trying again: cause={}", message);
        said = message;
      }
      Thread.sleep(pauseMs);
      pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
    }
  }
}
