package io.walstrata.ingest.produce;

import io.walstrata.ingest.pgwal.PgLsns;
import io.walstrata.ingest.pgwal.PgWalEnd;
import io.walstrata.ingest.pgwal.PgWalException;
import io.walstrata.ingest.produce.ProduceProgress.State;
import io.walstrata.ingest.produce.WalSegments.Segment;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
 * makes of the same log, and the same claims, so that each can go on where the other stopped. Ends
 * with the last segment.
 */
public final class WalFilesProducer extends ProducerRun {
  static final String FIRST = "first";

  private static final Logger LOG = LoggerFactory.getLogger(WalFilesProducer.class);

  private static final int CHUNK_BYTES = 256 << 10;

  private final WalSegments segments;
  private volatile @Nullable Reading reading;

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
            "Where a timeline begins that the topic does not hold yet: an LSN, or first for the"
                + " first segment's start.");
  }

  /**
   * Starts a producer. Files are sorted before this returns; all else shows later.
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
            from,
            segments.segmentBytes(),
            PostgresSettings.end(config),
            next -> writer.route(session.route(timeline, held, PostgresHeaders.of(next))));
    applier.restart(firstLsn());
    List<Segment> wanted = from(applier.wantedLsn());
    LOG.info(
        "timeline={} topic={} partition={} resumes={} from={} files={}",
        timeline,
        config.topic(),
        held.partition(),
        held.isFound(),
        from,
        wanted.size());
    reading = new Reading(session.target(), writer, applier);
    state(State.STREAMING);
    try {
      for (int i = 0; i < wanted.size() && !isStopping() && !applier.isDone(); i++) {
        Optional<Segment> next = wanted.stream().skip(i + 1).findFirst();
        if (!read(wanted.get(i), next, writer, applier)) {
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
    Optional<Lsn> wanted = start(config);
    Lsn first = firstLsn();
    Lsn from = wanted.orElse(first);
    if (held.isFound()) {
      from = held.claim();
      requireSameHistory(held);
    } else if (wanted.isEmpty()) {
      held.requireFoundOrNew(
          config.topic(), "say with --start where to go on, or use another --timeline");
    }
    if (held.isFound() && wanted.isPresent() && held.claim().isBefore(wanted.get())) {
      throw ProduceException.failed(
          "start LSN is after the last claim in the topic; records in between would be skipped:"
              + (" claim=" + held.claim() + ", start=" + wanted.get())
              + "; leave start out to resume, or write to a timeline of its own with --timeline");
    }
    if (from.isBefore(first)) {
      throw ProduceException.failed(
          "the segments begin after the log that comes next: needed="
              + (from + ", first=" + first + "; add the segments in between"));
    }
    return from;
  }

  private Lsn firstLsn() {
    return segments.segments().get(0).startLsn(segments.segmentBytes());
  }

  /** Whether the claim is of this log shows in the history of timelines. */
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

  /** Returns the segments from the one on that holds this LSN. */
  private List<Segment> from(Lsn lsn) {
    int size = segments.segmentBytes();
    long number = Long.divideUnsigned(lsn.value(), size);
    return segments.segments().stream().filter(s -> s.number() >= number).toList();
  }

  /** Applies one file; returns whether the log goes on in the next. */
  private boolean read(
      Segment segment, Optional<Segment> next, TimelineWriter writer, WalApplier applier) {
    Lsn start = segment.startLsn(segments.segmentBytes());
    long offset = Math.max(0, applier.wantedLsn().value() - start.value());
    try (FileChannel channel = FileChannel.open(segment.file())) {
      if (!segment.isPartial() && channel.size() != segments.segmentBytes()) {
        throw ProduceException.failed(
            "WAL segment is not whole: file="
                + (segment.file() + ", bytes=" + channel.size())
                + (", expected=" + segments.segmentBytes()));
      }
      while (!isStopping() && !applier.isDone()) {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        int count = channel.read(chunk, offset);
        if (count <= 0) {
          return true;
        }
        apply(applier, Lsn.of(start.value() + offset), chunk.flip());
        offset += count;
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
          "cannot read: file=" + segment.file() + ", cause=" + e,
          e);
    } catch (PgWalException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          "not log: file=" + segment.file() + ", cause=" + e.getMessage(),
          e);
    }
  }

  /** A segment in which a timeline ends repeats the log of the older one: each part on its own. */
  private void apply(WalApplier applier, Lsn lsn, ByteBuffer wal) {
    TimelineHistory history = segments.history();
    Lsn from = lsn;
    while (wal.hasRemaining()) {
      int timeline = history.at(from);
      long left = history.endOf(timeline).value() - from.value();
      int count = Long.compareUnsigned(left, wal.remaining()) < 0 ? (int) left : wal.remaining();
      applier.apply(timeline, from, wal.slice(wal.position(), count));
      wal.position(wal.position() + count);
      from = PgLsns.plus(from, count);
    }
  }

  /**
   * The log of a running server ends somewhere, and files kept for later use follow. If what
   * follows is log, some is missing in between.
   */
  private void ended(Segment segment, PgWalEnd end, Optional<Segment> next) throws IOException {
    if (next.isPresent() && WalSegments.holdsLog(next.get(), segments.segmentBytes())) {
      throw ProduceException.failed(
          "the log ends before the next segment, which goes on with it: file="
              + (segment.file() + ", next=" + next.get().file() + ", lsn=" + end.lsn())
              + (", reason=" + end.reason()));
    }
    if (end.kind() == PgWalEnd.Kind.TORN) {
      LOG.warn("the log ends within a record: file={} {}", segment.file(), end.reason());
    } else {
      LOG.info("the log ends: file={} lsn={} {}", segment.file(), end.lsn(), end.reason());
    }
  }

  @Override
  public ProduceProgress progress() {
    Reading parts = reading;
    if (parts == null) {
      return ProduceProgress.none(state());
    }
    Segment last = segments.segments().get(segments.segments().size() - 1);
    return new ProduceProgress(
        state(),
        parts.applier().records(),
        parts.writer().versions(),
        -1,
        parts.writer().tombstones(),
        parts.writer().messages(),
        parts.writer().bytes(),
        parts.target().outstanding(),
        Lsn.of(last.startLsn(segments.segmentBytes()).value() + segments.segmentBytes()),
        parts.applier().readLsn(),
        parts.writer().sentLsn(),
        parts.writer().ackedLsn());
  }
}
