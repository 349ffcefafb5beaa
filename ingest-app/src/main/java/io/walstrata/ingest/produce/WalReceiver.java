package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ReplicationConnection.Address;
import io.walstrata.ingest.produce.ReplicationConnection.Identity;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.retry.Backoff;
import io.walstrata.postgres.wal.WalPositions;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the WAL of a running PostgreSQL on a thread of its own, connects again when the
 * connection breaks, and reports to the server what Kafka has acknowledged.
 */
final class WalReceiver {
  /*
   * The receiver answers the server whatever Kafka does: if the queue is full it stops reading but
   * continues to report, so that the server does not end the connection. Only when Kafka has
   * acknowledged nothing for long does the receiver disconnect: a PostgreSQL that shuts down waits
   * until its receivers have flushed everything, which an unavailable broker would prevent for ever.
   *
   * Each connection begins at the anchor of the last whole record, and both are read again and
   * compared: the server may be another one than before, or the same one restored to an older state,
   * and a position in the WAL does not show that. What is in the queue then is discarded, so that it
   * is not applied before that comparison. Only from the end of a timeline does reading continue
   * straight on the next one. If the segment in which that record begins was removed (a slot only
   * keeps those from what was acknowledged on), reading begins at the page on which the next record
   * begins.
   */
  private static final Logger LOG = LoggerFactory.getLogger(WalReceiver.class);

  private static final long IDLE_NANOS = Duration.ofMillis(5).toNanos();
  private static final long REPORT_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long QUICK_REPORT_NANOS = Duration.ofMillis(20).toNanos();
  private static final long ASK_NANOS = Duration.ofSeconds(10).toNanos();
  private static final Duration STALL_POLL = Duration.ofMillis(50);
  private static final long SILENCE_NANOS = Duration.ofSeconds(60).toNanos();
  private static final Backoff BACKOFF =
      Backoff.doubling(Duration.ofMillis(100), Duration.ofSeconds(5));

  /** What the receiver reads and sets of the rest of the producer. Called on its thread. */
  interface Progress {
    /** Returns the end of the last record applied. */
    Lsn readLsn();

    /**
     * Returns where to begin reading to continue after {@link #readLsn}: the same if there is no
     * record before.
     */
    Lsn rereadLsn();

    /** Returns PostgreSQL's timeline of the last bytes applied, or of the claim; 0 if unknown. */
    int postgresTimeline();

    /** Returns the last claim that Kafka has acknowledged. */
    Lsn ackedLsn();

    /** Returns for how long Kafka has acknowledged nothing. */
    Duration stalledFor();

    /** Has everything sent soon: the server asks what is acknowledged. */
    void hurry();

    /** Sets whether there is a connection. */
    void connected(boolean isConnected);
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

  /** Counted down by {@link #stop}, which so ends every pause. */
  private final CountDownLatch stopping = new CountDownLatch(1);

  private volatile boolean restartWanted;
  private volatile @Nullable ProduceException failure;
  private volatile Lsn serverLsn = Lsn.INVALID;

  private Lsn next = Lsn.INVALID;
  private int streamTimeline;

  /** Where the timeline ends, as the server knew it when the stream began. */
  private Lsn streamEnd = Lsn.MAX;

  /** Whether the next chunk does not follow those before. */
  private boolean restart;

  /** Whether the server has the segment of the last whole record and its anchor, if known. */
  private boolean rereadsRecord = true;

  /** Whether the last connection ended with the timeline: the next bytes are on another one. */
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

  /** Makes the receiver read again from the anchor of the last whole record. */
  void requestRestart() {
    restartWanted = true;
  }

  /** Returns the end of the server's WAL, as it last reported it. */
  Lsn serverLsn() {
    return serverLsn;
  }

  /** Throws the failure that ended the receiver, if there was one. */
  void checkFailed() {
    ProduceException known = failure;
    if (known != null) {
      throw known;
    }
  }

  /** Reports for the last time and disconnects. */
  void stop() throws InterruptedException {
    stopping.countDown();
    thread.join(TimeUnit.SECONDS.toMillis(5));
    thread.interrupt();
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private void pause(Duration pause) throws InterruptedException {
    boolean ignored = stopping.await(pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void live() {
    try {
      stayConnected();
    } catch (ProduceException e) {
      failure = e;
    } catch (InterruptedException e) {
      failure = ProduceException.unavailable("interrupted while WAL was received", e);
    } catch (RuntimeException | Error e) {
      LOG.error("the receiver failed with an internal error", e);
      failure = new ProduceException(ProduceException.Reason.FAILED, "an internal error: " + e, e);
    }
  }

  private void stayConnected() throws InterruptedException {
    Backoff.Attempts attempts = BACKOFF.within(startTimeout).start();
    String reportedCause = null;
    while (!isStopping()) {
      awaitKafka();
      try (ReplicationConnection connection = ReplicationConnection.open(address)) {
        ReplicationStream stream = begin(connection);
        everConnected = true;
        attempts = BACKOFF.start();
        reportedCause = null;
        progress.connected(true);
        receive(stream);
        progress.connected(false);
      } catch (SQLException e) {
        progress.connected(false);
        if (isStopping()) {
          return;
        }
        if (rereadsRecord && PostgresErrors.isLogRemoved(e) && needsEarlierSegment()) {
          LOG.info(
              "the server has removed the last record's segment, the record is not read again:"
                  + " lsn={}",
              next);
          rereadsRecord = false;
          continue;
        }
        Optional<Duration> pause =
            PostgresErrors.isTransient(e, everConnected) ? attempts.nextPause() : Optional.empty();
        if (pause.isEmpty()) {
          throw PostgresErrors.describe(e, address, String.valueOf(slot), next, serverLsn);
        }
        String cause = String.valueOf(e.getMessage());
        if (!cause.equals(reportedCause)) {
          LOG.warn("no WAL from postgres, trying again: cause={}", cause);
          reportedCause = cause;
        }
        pause(pause.get());
      }
    }
  }

  private boolean needsEarlierSegment() {
    return next.isBefore(WalPositions.segmentStart(progress.readLsn(), segmentBytes));
  }

  /** Checks that it is still the same server, and starts streaming. */
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
   * Checks that the server has the WAL up to the claim. A standby may lag, but a primary whose WAL
   * ends before the claim never wrote what was claimed.
   */
  private void requireLog(Identity identity) throws SQLException {
    Lsn read = progress.readLsn();
    boolean continues = progress.rereadLsn().isBefore(read);
    // After an XLOG_SWITCH record the claim is the segment's end, which may not be flushed yet.
    Lsn atLeast = WalPositions.pageStart(read).equals(read) ? next : read;
    if (continues && !identity.isStandby() && identity.flushLsn().isBefore(atLeast)) {
      throw ProduceException.failed(
          "the server's WAL ends before the last claim in the topic, and the server is no standby"
              + (" that lags: claim=" + read + ", server=" + identity.flushLsn())
              + (", url=" + address)
              + "; it was restored to an older state: use the right server, or start a timeline of"
              + " its own with --timeline");
    }
    if (identity.flushLsn().isBefore(next)) {
      throw new SQLTransientException(
          "the server's WAL ends before the LSN needed next: flushed=" + identity.flushLsn());
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
    while (!isStopping() && !restartWanted && next.isBefore(streamEnd)) {
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
        throw new SQLException("postgres has sent nothing for too long", "08006");
      }
      if (isStalled()) {
        return;
      }
    }
    timelineEnded = !next.isBefore(streamEnd);
    if (isStopping()) {
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
          "postgres sent WAL from another LSN than was asked for: expected="
              + next
              + ", got="
              + message.lsn());
    }
    // A server that left a timeline before its end in the history file has WAL after that end too.
    wal = upTo(streamEnd, next, wal);
    WalQueue.Chunk chunk = new WalQueue.Chunk(restart, streamTimeline, next, wal);
    while (!queue.offer(chunk, 20)) {
      reportIfDue(stream);
      if (isStopping() || restartWanted || isStalled()) {
        return;
      }
      heardAt = System.nanoTime(); // The silence is on this side.
    }
    restart = false;
    rereadsRecord = true;
    next = WalPositions.plus(next, wal.remaining());
  }

  /**
   * Returns the bytes before an end.
   *
   * @param end after {@code lsn}
   * @param lsn of the first byte
   */
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

  /** Waits, without a connection, while Kafka acknowledges nothing. */
  private void awaitKafka() throws InterruptedException {
    if (!isStalled()) {
      return;
    }
    LOG.warn("kafka acknowledges nothing, disconnected from postgres until it does: lsn={}", next);
    while (isStalled() && !isStopping()) {
      pause(STALL_POLL);
    }
  }
}
