package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ProduceProgress.State;
import io.walstrata.ingest.produce.ReplicationConnection.Address;
import io.walstrata.ingest.produce.ReplicationConnection.Identity;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.retry.Backoff;
import io.walstrata.postgres.wal.WalException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams the WAL of a running PostgreSQL into a WAL topic, by physical replication.
 *
 * <p>It resumes after the last claim that the topic holds, continues after restarts of PostgreSQL
 * and of Kafka, follows promotions that lost nothing it has sent, and reports to PostgreSQL what
 * Kafka has acknowledged, so that a replication slot advances. Runs until it is closed, unless an
 * end LSN is set.
 */
public final class PostgresProducer extends ProducerRun {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresProducer.class);

  private static final Backoff CONNECTING = Backoff.constant(Duration.ofMillis(250));
  private static final long TICK_NANOS = Duration.ofMillis(100).toNanos();
  private static final Duration STALL_SHOWN = Duration.ofSeconds(5);

  private final Address address;
  private final @Nullable String slot;
  private final WalQueue queue;

  private volatile @Nullable Streaming streaming;
  private volatile boolean hurry;

  private PostgresProducer(ProduceConfig config) {
    super("produce-postgres", config);
    this.address = PostgresSettings.address(config);
    this.slot = PostgresSettings.slot(config).orElse(null);
    this.queue = new WalQueue(config.number(PostgresSettings.BUFFER_BYTES));
  }

  /** Returns the settings: names, types, defaults, documentation. */
  public static ConfigDef settings() {
    return PostgresSettings.definition();
  }

  /**
   * Starts a producer. Returns at once: whether PostgreSQL, Kafka and the registry can be reached
   * shows later.
   *
   * @param settings by the names of {@link #settings}, and {@code producer.*}, {@code consumer.*},
   *     {@code registry.*} for Kafka's and the registry's clients
   * @throws ProduceException if a setting is unknown, missing or wrong
   */
  public static ProducerHandle start(Map<String, String> settings) {
    ProduceConfig config = ProduceConfig.of(settings(), settings);
    PostgresSettings.end(config);
    PostgresSettings.start(config);
    config.timeline(PostgresSettings.TIMELINE);
    PostgresProducer producer = new PostgresProducer(config);
    producer.start();
    return producer;
  }

  /** What exists once the position is known. */
  private record Streaming(
      KafkaTarget target, TimelineWriter writer, WalApplier applier, WalReceiver receiver) {}

  /** What PostgreSQL answered at the start. */
  private record Server(Identity identity, TimelineHistory history, int segmentBytes) {}

  @Override
  void work(TopicSession session) throws InterruptedException {
    Server server = meetServer();
    TimelineId timeline =
        config
            .timeline(PostgresSettings.TIMELINE)
            .orElseGet(() -> new TimelineId(server.identity().systemIdentifier(), 0));
    ResumePosition held = session.resume(timeline);
    Lsn from = startLsn(held, server);
    LOG.info(
        "timeline={} topic={} partition={} resumes={} from={}",
        timeline,
        config.topic(),
        held.partition(),
        held.isFound(),
        from);
    Streaming parts = assemble(session, server, timeline, held, from);
    streaming = parts;
    parts.receiver().start();
    try {
      pump(parts);
    } finally {
      state(State.CLOSING);
      parts.writer().flushUnlessFailed();
      awaitAcknowledged(parts);
      parts.receiver().stop();
    }
  }

  /** Connects for the first time; waits for a server that is just starting. */
  private Server meetServer() throws InterruptedException {
    Backoff.Attempts attempts =
        CONNECTING.within(config.seconds(ProduceConfig.START_TIMEOUT_S)).start();
    while (true) {
      try (ReplicationConnection connection = ReplicationConnection.open(address)) {
        Identity identity = connection.identify();
        if (slot != null && config.flag(PostgresSettings.CREATE_SLOT)) {
          connection.createSlot(slot);
        }
        return new Server(
            identity, connection.history(identity.timeline()), connection.segmentBytes());
      } catch (SQLException e) {
        Optional<Duration> pause =
            PostgresErrors.isTransient(e, /* connectedBefore= */ false) && !isStopping()
                ? attempts.nextPause()
                : Optional.empty();
        if (pause.isEmpty()) {
          throw PostgresErrors.describe(e, address, String.valueOf(slot), Lsn.INVALID, Lsn.INVALID);
        }
        TimeUnit.NANOSECONDS.sleep(pause.get().toNanos());
      }
    }
  }

  private Lsn startLsn(ResumePosition held, Server server) {
    Optional<Lsn> start = PostgresSettings.start(config);
    held.requireWholeBackup(config.topic());
    if (held.isFound()) {
      held.postgresTimeline()
          .ifPresent(number -> server.history().requireContinues(number, held.claim()));
      held.requireReaches(start);
      return held.claim();
    }
    if (start.isEmpty()) {
      held.requireFoundOrNew(config.topic());
    }
    return start.orElse(server.identity().flushLsn());
  }

  private Streaming assemble(
      TopicSession session, Server server, TimelineId timeline, ResumePosition held, Lsn from) {
    int number = held.postgresTimeline().orElseGet(() -> server.history().at(from));
    TimelineWriter writer =
        session.writer(
            timeline,
            held,
            session.route(timeline, held, PostgresHeaders.of(number)),
            config.writerSettings(TimelineWriter.Style.BATCH));
    WalApplier applier =
        new WalApplier(
            writer,
            PostgresSettings.mapper(config),
            held,
            config.integer(PostgresSettings.MAX_RECORD_BYTES),
            from,
            server.segmentBytes(),
            PostgresSettings.end(config),
            next -> writer.route(session.route(timeline, held, PostgresHeaders.of(next))));
    WalReceiver receiver =
        new WalReceiver(
            address,
            slot,
            server.identity().systemIdentifier(),
            server.segmentBytes(),
            PostgresSettings.stall(config),
            config.seconds(ProduceConfig.START_TIMEOUT_S),
            queue,
            new Link(session.target(), writer, applier, held.postgresTimeline().orElse(0)));
    return new Streaming(session.target(), writer, applier, receiver);
  }

  /** Applies WAL from the receiver until the end. */
  private void pump(Streaming parts) throws InterruptedException {
    Lsn badAt = Lsn.INVALID;
    boolean dropping = false;
    while (!isStopping() && !parts.applier().isDone()) {
      WalQueue.Chunk chunk = queue.poll(Math.min(TICK_NANOS, parts.writer().nanosToSend()));
      dropping &= chunk == null || !chunk.restart();
      if (chunk != null && !dropping) {
        try {
          apply(parts.applier(), chunk);
        } catch (WalException e) {
          badAt = retryOnce(parts, badAt, e);
          dropping = true;
        }
      }
      parts.writer().poll();
      if (hurry && queue.isEmpty()) {
        hurry = false;
        parts.writer().flush();
      }
      parts.target().checkFailed();
      parts.receiver().checkFailed();
    }
  }

  private static void apply(WalApplier applier, WalQueue.Chunk chunk) {
    if (chunk.restart()) {
      applier.restart(chunk.lsn());
    }
    applier.apply(chunk.timeline(), chunk.lsn(), chunk.wal());
    if (!applier.isDone()) {
      applier.requireOpen();
    }
  }

  /** Asks a second time for bytes that are not WAL, in case the connection damaged them. */
  private Lsn retryOnce(Streaming parts, Lsn badAt, WalException e) {
    Lsn lsn = parts.applier().readLsn();
    if (lsn.equals(badAt)) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          "postgres sent bytes that are not WAL, twice: url="
              + address
              + ", cause="
              + e.getMessage(),
          e);
    }
    LOG.warn("received bytes that are not WAL, asking again: cause={}", e.getMessage());
    parts.receiver().requestRestart();
    queue.clear();
    return lsn;
  }

  /** Waits for Kafka, so that the receiver reports the last acknowledgement. */
  private void awaitAcknowledged(Streaming parts) throws InterruptedException {
    long deadline = System.nanoTime() + config.seconds(ProduceConfig.CLOSE_TIMEOUT_S).toNanos();
    while (parts.target().outstanding() > 0
        && !parts.target().hasFailed()
        && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Override
  public ProduceProgress progress() {
    Streaming parts = streaming;
    if (parts == null) {
      return ProduceProgress.none(state());
    }
    TimelineWriter writer = parts.writer();
    boolean stalled =
        state() == State.STREAMING && parts.target().stalledFor().compareTo(STALL_SHOWN) > 0;
    return new ProduceProgress(
        stalled ? State.STALLED : state(),
        parts.applier().records(),
        writer.versions(),
        -1,
        writer.tombstones(),
        writer.messages(),
        writer.bytes(),
        parts.target().outstanding(),
        parts.receiver().serverLsn(),
        parts.applier().readLsn(),
        writer.sentLsn(),
        writer.ackedLsn());
  }

  /** What the receiver reads and sets of the producer. */
  private final class Link implements WalReceiver.Progress {
    private final KafkaTarget target;
    private final TimelineWriter writer;
    private final WalApplier applier;
    private final int resumedTimeline;

    Link(KafkaTarget target, TimelineWriter writer, WalApplier applier, int resumedTimeline) {
      this.target = target;
      this.writer = writer;
      this.applier = applier;
      this.resumedTimeline = resumedTimeline;
    }

    @Override
    public Lsn readLsn() {
      return applier.readLsn();
    }

    @Override
    public Lsn rereadLsn() {
      return applier.rereadLsn();
    }

    @Override
    public int postgresTimeline() {
      int applied = applier.postgresTimeline();
      return applied == 0 ? resumedTimeline : applied;
    }

    @Override
    public Lsn ackedLsn() {
      return writer.ackedLsn();
    }

    @Override
    public Duration stalledFor() {
      return target.stalledFor();
    }

    @Override
    public void hurry() {
      hurry = true;
    }

    @Override
    public void connected(boolean stands) {
      stateWhileWorking(stands ? State.STREAMING : State.RECONNECTING);
    }
  }
}
