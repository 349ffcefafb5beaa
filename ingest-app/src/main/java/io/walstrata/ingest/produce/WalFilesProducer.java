package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ProduceProgress.State;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.postgres.wal.SegmentInput;
import io.walstrata.postgres.wal.WalEnd;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalFile;
import io.walstrata.postgres.wal.WalPositions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads archived WAL segments into a WAL topic: the same messages that {@link PostgresProducer}
 * makes of the same WAL, and the same claims, so that each can continue where the other stopped.
 * Ends with the last segment.
 */
public final class WalFilesProducer extends ProducerRun {
  static final String FIRST = "first";

  private static final Logger LOG = LoggerFactory.getLogger(WalFilesProducer.class);

  private static final int CHUNK_BYTES = 256 << 10;

  private final WalSegments segments;
  private volatile @Nullable Reading reading;

  /** Where the WAL ended, once it has: it rarely does at the end of a segment. */
  private volatile @Nullable WalEnd logEnd;

  private WalFilesProducer(ProduceConfig config, WalSegments segments) {
    super("produce-wal-files", config);
    this.segments = segments;
  }

  /** What exists once the position is known. */
  private record Reading(KafkaTarget target, TimelineWriter writer, WalApplier applier) {}

  /** Returns the settings: names, types, defaults, documentation. */
  public static ConfigDef settings() {
    return PostgresSettings.withLog(ProduceConfig.definition())
        .define(
            PostgresSettings.START,
            ConfigDef.Type.STRING,
            FIRST,
            Importance.MEDIUM,
            "Where to begin a timeline that the topic does not have yet: an LSN, or first for the"
                + " first segment's start.");
  }

  /**
   * Starts a producer. Files are sorted before this returns; all else is done later.
   *
   * @param settings by the names of {@link #settings}, and {@code producer.*}, {@code consumer.*},
   *     {@code registry.*} for Kafka's and the registry's clients
   * @param files segments, history files, and directories with such
   * @throws ProduceException if a setting is unknown, missing or wrong, or the files do not fit
   *     together
   * @throws IOException if a file cannot be read
   */
  public static ProducerHandle start(Map<String, String> settings, Collection<Path> files)
      throws IOException {
    ProduceConfig config = ProduceConfig.of(settings(), settings);
    PostgresSettings.end(config);
    start(config);
    config.timeline(PostgresSettings.TIMELINE);
    WalFilesProducer producer = new WalFilesProducer(config, WalSegments.of(files));
    producer.start();
    return producer;
  }

  private static Optional<Lsn> start(ProduceConfig config) {
    return config.string(PostgresSettings.START).equals(FIRST)
        ? Optional.empty()
        : config.lsn(PostgresSettings.START);
  }

  @Override
  void work(TopicSession session) throws InterruptedException {
    TimelineId timeline =
        config
            .timeline(PostgresSettings.TIMELINE)
            .orElseGet(() -> new TimelineId(segments.systemIdentifier(), 0));
    ResumePosition held = session.resume(timeline);
    Lsn from = startLsn(held);
    int number = held.postgresTimeline().orElseGet(() -> segments.history().at(from));
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
            segments.segmentBytes(),
            PostgresSettings.end(config),
            next -> writer.route(session.route(timeline, held, PostgresHeaders.of(next))));
    applier.restart(firstLsn());
    List<WalFile> files = from(applier.wantedLsn());
    LOG.info(
        "timeline={} topic={} partition={} resumes={} from={} files={}",
        timeline,
        config.topic(),
        held.partition(),
        held.isFound(),
        from,
        files.size());
    reading = new Reading(session.target(), writer, applier);
    state(State.STREAMING);
    try {
      for (int i = 0; i < files.size() && !isStopping() && !applier.isDone(); i++) {
        Optional<WalFile> next = files.stream().skip(i + 1).findFirst();
        if (!read(files.get(i), next, writer, applier)) {
          break;
        }
      }
      if (!applier.continuesClaim() && !isStopping()) {
        LOG.warn("the files end before the last claim in the topic: claim={}", held.claim());
      }
    } finally {
      state(State.CLOSING);
      writer.flushUnlessFailed();
    }
  }

  private Lsn startLsn(ResumePosition held) {
    Optional<Lsn> start = start(config);
    held.requireWholeBackup(config.topic());
    Lsn first = firstLsn();
    Lsn from = start.orElse(first);
    if (held.isFound()) {
      from = held.claim();
      requireSameHistory(held);
      held.requireReaches(start);
    } else if (start.isEmpty()) {
      held.requireFoundOrNew(config.topic());
    }
    if (from.isBefore(first)) {
      throw ProduceException.failed(
          "the first segment begins after the WAL that is needed next: needed="
              + (from + ", first=" + first + "; add the segments in between"));
    }
    return from;
  }

  private Lsn firstLsn() {
    return segments.segments().get(0).startLsn(segments.segmentBytes());
  }

  /** Checks with the history of timelines that the claim is of this WAL. */
  private void requireSameHistory(ResumePosition held) {
    if (held.postgresTimeline().isEmpty()) {
      return;
    }
    int claimed = held.postgresTimeline().getAsInt();
    if (claimed != segments.history().number() && !segments.isHistoryKnown()) {
      throw ProduceException.settings(
          String.format(
              "the topic was filled from timeline=%s, the segments are of timeline=%s: add %08X"
                  + ".history",
              Integer.toUnsignedString(claimed),
              Integer.toUnsignedString(segments.history().number()),
              segments.history().number()));
    }
    segments.history().requireContinues(claimed, held.claim());
  }

  /** Returns the segment that holds this LSN, and those after it. */
  private List<WalFile> from(Lsn lsn) {
    int size = segments.segmentBytes();
    long number = Long.divideUnsigned(lsn.value(), size);
    return segments.segments().stream().filter(s -> s.number(size) >= number).toList();
  }

  /** Applies one file; returns whether the WAL continues in the next. */
  private boolean read(
      WalFile segment, Optional<WalFile> next, TimelineWriter writer, WalApplier applier) {
    int size = segments.segmentBytes();
    Lsn start = segment.startLsn(size);
    Lsn first = applier.wantedLsn();
    long offset = first.isAfter(start) ? first.value() - start.value() : 0;
    try (SegmentInput in = SegmentInput.open(segment, size, offset)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      while (!isStopping() && !applier.isDone()) {
        long position = in.position();
        int count = in.read(chunk);
        if (count < 0) {
          return fileEnded(segment, next, in.position(), applier);
        }
        apply(applier, Lsn.of(start.value() + position), ByteBuffer.wrap(chunk, 0, count));
        writer.poll();
        if (!applier.isDone() && !applier.reader().end().kind().isOpen()) {
          ended(segment, applier.reader().end(), next);
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          "cannot read a WAL segment: file=" + segment.path() + ", cause=" + e,
          e);
    } catch (WalException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          "not WAL: file=" + segment.path() + ", cause=" + e.getMessage(),
          e);
    }
  }

  /** Applies the part of each timeline on its own: a segment may begin with WAL of an older one. */
  private void apply(WalApplier applier, Lsn lsn, ByteBuffer wal) {
    TimelineHistory history = segments.history();
    Lsn from = lsn;
    while (wal.hasRemaining()) {
      int timeline = history.at(from);
      long left = history.endOf(timeline).value() - from.value();
      int count = Long.compareUnsigned(left, wal.remaining()) < 0 ? (int) left : wal.remaining();
      applier.apply(timeline, from, wal.slice(wal.position(), count));
      wal.position(wal.position() + count);
      from = WalPositions.plus(from, count);
    }
  }

  /** Returns whether the WAL continues in the next file. */
  private boolean fileEnded(
      WalFile segment, Optional<WalFile> next, long bytes, WalApplier applier) {
    boolean whole = bytes == segments.segmentBytes();
    if (!whole && (!segment.isPartial() || next.isPresent())) {
      throw ProduceException.failed(
          "WAL segment is not whole: file="
              + (segment.path() + ", bytes=" + bytes + ", expected=" + segments.segmentBytes()));
    }
    if (next.isEmpty()) {
      logEnd = applier.reader().end();
    }
    return whole;
  }

  /**
   * Ends reading. The WAL of a running server ends within a segment, and files kept for later use
   * follow. These are not among the segments: if there is a next one, WAL is missing before it.
   */
  private void ended(WalFile segment, WalEnd end, Optional<WalFile> next) {
    if (next.isPresent()) {
      throw ProduceException.failed(
          "the WAL ends before the next segment, which continues it: file="
              + (segment.path() + ", next=" + next.get().path() + ", lsn=" + end.lsn())
              + (", reason=" + end.reason()));
    }
    logEnd = end;
    if (end.kind() == WalEnd.Kind.TORN) {
      LOG.warn("{}, file={}", end.sentence(), segment.path());
    }
  }

  @Override
  public Optional<String> ending() {
    return Optional.ofNullable(logEnd).map(WalEnd::sentence);
  }

  @Override
  public ProduceProgress progress() {
    Reading parts = reading;
    if (parts == null) {
      return ProduceProgress.none(state());
    }
    return new ProduceProgress(
        state(),
        parts.applier().records(),
        parts.writer().versions(),
        -1,
        parts.writer().tombstones(),
        parts.writer().messages(),
        parts.writer().bytes(),
        parts.target().outstanding(),
        sourceLsn(parts),
        parts.applier().readLsn(),
        parts.writer().sentLsn(),
        parts.writer().ackedLsn());
  }

  /** The rest of a segment after the end of the WAL does not count. */
  private Lsn sourceLsn(Reading parts) {
    if (logEnd != null) {
      return parts.applier().readLsn();
    }
    WalFile last = segments.segments().get(segments.segments().size() - 1);
    return Lsn.of(last.startLsn(segments.segmentBytes()).value() + segments.segmentBytes());
  }
}
