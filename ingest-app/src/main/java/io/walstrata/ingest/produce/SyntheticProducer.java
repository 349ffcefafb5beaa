package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ProduceProgress.State;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes load: versions whose content {@link SyntheticContent} can compute again, at a set rate.
 * Resumes after what the topic holds of its timelines.
 */
public final class SyntheticProducer extends ProducerRun {
  static final String LAYOUT = "layout";
  static final String KEYS = "keys";
  static final String VALUE_BYTES = "value-bytes";
  static final String VERSIONS_PER_RECORD = "versions-per-record";
  static final String IMAGE_EVERY = "image-every";
  static final String SEED = "seed";
  static final String TIMELINES = "timelines";
  static final String RATE = "rate";
  static final String VERSIONS = "versions";
  static final String DURATION_S = "duration-s";
  static final String MESSAGE = "message";

  private static final Logger LOG = LoggerFactory.getLogger(SyntheticProducer.class);

  /** The most bytes of values that wait in all batches together. */
  private static final int MAX_BATCHED_BYTES = 64 << 20;

  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();
  private static final int RECORDS_BETWEEN_CLOCK_READS = 64;

  private final SyntheticContent content;
  private final int timelines;
  private final double rate;
  private volatile List<Load> loads = List.of();
  private volatile long records;
  private volatile long goal = -1;

  private SyntheticProducer(ProduceConfig config, SyntheticContent content) {
    super("produce-synthetic", config);
    this.content = content;
    this.timelines = config.integer(TIMELINES);
    this.rate = config.number(RATE);
  }

  /** Returns the settings: names, types, defaults, documentation. */
  public static ConfigDef settings() {
    return withLimits(withContent(ProduceConfig.definition()));
  }

  private static ConfigDef withContent(ConfigDef definition) {
    return definition
        .define(
            LAYOUT,
            ConfigDef.Type.STRING,
            "random",
            ValidString.in("sequential", "random", "hot"),
            Importance.MEDIUM,
            "Order in which keys are written: ascending, or each round in a random order of its"
                + " own. hot is random with 1024 keys.")
        .define(
            KEYS,
            ConfigDef.Type.LONG,
            0,
            Range.between(0, SyntheticContent.MAX_KEYS),
            Importance.MEDIUM,
            "Keys of each timeline. 0: 1024 if the layout is hot, else 1048576.")
        .define(
            VALUE_BYTES,
            ConfigDef.Type.INT,
            100,
            Range.between(0, 512 << 20),
            Importance.MEDIUM,
            "Length of every value.")
        .define(
            VERSIONS_PER_RECORD,
            ConfigDef.Type.INT,
            1,
            Range.between(1, 1 << 20),
            Importance.LOW,
            "Versions that share an LSN. The number of keys must be a multiple of it.")
        .define(
            IMAGE_EVERY,
            ConfigDef.Type.INT,
            10,
            Range.atLeast(0),
            Importance.MEDIUM,
            "One image in this many versions of a key, beginning with the first; the others are"
                + " WAL records. 0:"
                + " no images, the first is a record with will_init.")
        .define(
            SEED,
            ConfigDef.Type.LONG,
            1,
            Importance.MEDIUM,
            "Chooses keys and values. The same content settings give the same timelines with the"
                + " same versions.")
        .define(
            TIMELINES,
            ConfigDef.Type.INT,
            1,
            Range.between(1, 100_000),
            Importance.MEDIUM,
            "Timelines, written to in turn.");
  }

  private static ConfigDef withLimits(ConfigDef definition) {
    return definition
        .define(
            RATE,
            ConfigDef.Type.LONG,
            0,
            Range.atLeast(0),
            Importance.MEDIUM,
            "Versions per second, all timelines together. 0: as fast as Kafka takes them.")
        .define(
            VERSIONS,
            ConfigDef.Type.LONG,
            0,
            Range.atLeast(0),
            Importance.MEDIUM,
            "Stop when the topic has this many versions, of all timelines together and earlier"
                + " runs included. 0: do not stop.")
        .define(
            DURATION_S,
            ConfigDef.Type.INT,
            0,
            Range.atLeast(0),
            Importance.MEDIUM,
            "Stop after this many seconds. 0: do not stop.")
        .define(
            MESSAGE,
            ConfigDef.Type.STRING,
            "batch",
            ValidString.in("batch", "record"),
            Importance.MEDIUM,
            "Type of the messages: WalBatch, or one WalRecord for each version.");
  }

  /**
   * Starts a producer. Returns at once.
   *
   * @param settings by the names of {@link #settings}, and {@code producer.*}, {@code consumer.*},
   *     {@code registry.*} for Kafka's and the registry's clients
   * @throws ProduceException if a setting is unknown, missing or wrong
   */
  public static ProducerHandle start(Map<String, String> settings) {
    ProduceConfig config = ProduceConfig.of(settings(), settings);
    SyntheticProducer producer = new SyntheticProducer(config, content(config));
    producer.start();
    return producer;
  }

  /**
   * Returns the content that a producer with these settings makes.
   *
   * @throws ProduceException if a setting is unknown, missing or wrong
   */
  public static SyntheticContent content(Map<String, String> settings) {
    return content(ProduceConfig.of(settings(), settings));
  }

  private static SyntheticContent content(ProduceConfig config) {
    String layout = config.string(LAYOUT);
    long keys = config.number(KEYS);
    try {
      return new SyntheticContent(
          config.number(SEED),
          layout.equals("sequential")
              ? SyntheticContent.Layout.SEQUENTIAL
              : SyntheticContent.Layout.RANDOM,
          keys > 0 ? keys : layout.equals("hot") ? 1024 : 1 << 20,
          config.integer(VALUE_BYTES),
          config.integer(VERSIONS_PER_RECORD),
          config.integer(IMAGE_EVERY));
    } catch (IllegalArgumentException e) {
      throw new ProduceException(
          ProduceException.Reason.SETTINGS, "bad settings: " + e.getMessage(), e);
    }
  }

  /** One timeline's part of the work. */
  private static final class Load {
    final TimelineId timeline;
    final TimelineWriter writer;
    final KafkaTarget target;
    final long end;
    long next;

    Load(TimelineId timeline, TimelineWriter writer, KafkaTarget target, long next, long end) {
      this.timeline = timeline;
      this.writer = writer;
      this.target = target;
      this.next = next;
      this.end = end;
    }
  }

  @Override
  void work(TopicSession session) throws InterruptedException {
    List<Load> all = prepare(session);
    loads = all;
    state(State.STREAMING);
    produce(all, session.target());
    state(State.CLOSING);
    all.forEach(load -> load.writer.flush());
  }

  private List<Load> prepare(TopicSession session) {
    List<TimelineId> ids = new ArrayList<>();
    for (int index = 0; index < timelines; index++) {
      ids.add(content.timeline(index));
    }
    Map<TimelineId, ResumePosition> held = session.resume(ids);
    List<Load> all = new ArrayList<>();
    for (int index = 0; index < timelines; index++) {
      TimelineId timeline = ids.get(index);
      ResumePosition position = held.get(timeline);
      if (position == null) {
        throw new IllegalStateException("no resume position was looked up: timeline=" + timeline);
      }
      all.add(load(session, timeline, position, recordsOf(index)));
    }
    LOG.info(
        "timelines={} first={} resumes={}",
        timelines,
        ids.get(0),
        all.stream().filter(load -> load.next > 0).count());
    if (config.number(VERSIONS) > 0) {
      goal =
          all.stream().mapToLong(load -> Math.max(0, load.end - load.next)).sum()
              * content.versionsPerRecord();
    }
    return all;
  }

  private Load load(TopicSession session, TimelineId timeline, ResumePosition held, long end) {
    held.requireFoundOrNew(config.topic(), "use another seed");
    TimelineWriter.Settings settings =
        config
            .writerSettings(
                config.string(MESSAGE).equals("batch")
                    ? TimelineWriter.Style.BATCH
                    : TimelineWriter.Style.RECORD)
            .withTargetAtMost(MAX_BATCHED_BYTES / timelines);
    TimelineWriter writer =
        session.writer(timeline, held, session.route(timeline, held, List.of()), settings);
    try {
      long next = held.isFound() ? content.recordsUpTo(held.claim()) : 0;
      return new Load(timeline, writer, session.target(), next, end);
    } catch (IllegalArgumentException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          "the topic's claim is not of this load: timeline=" + timeline + ", " + e.getMessage(),
          e);
    }
  }

  /** Returns how many WAL records a timeline is to have in the end. */
  private long recordsOf(int index) {
    long versions = config.number(VERSIONS);
    if (versions == 0) {
      return Long.MAX_VALUE;
    }
    long all = (versions - 1) / content.versionsPerRecord() + 1;
    return all / timelines + (index < all % timelines ? 1 : 0);
  }

  private void produce(List<Load> all, KafkaTarget target) throws InterruptedException {
    long started = System.nanoTime();
    int seconds = config.integer(DURATION_S);
    long deadline = seconds == 0 ? Long.MAX_VALUE : TimeUnit.SECONDS.toNanos(seconds);
    long polled = 0;
    long made = 0;
    boolean more = true;
    while (more && !isStopping()) {
      more = false;
      for (Load load : all) {
        if (load.next < load.end) {
          make(load);
          made++;
          more = true;
        }
        if (rate > 0 || made % RECORDS_BETWEEN_CLOCK_READS == 0) {
          long elapsed = System.nanoTime() - started;
          records = made;
          if (elapsed - polled > POLL_NANOS) {
            polled = elapsed;
            all.forEach(each -> each.writer.poll());
          }
          if (elapsed > deadline || isStopping()) {
            return;
          }
          keepRate(all, made, elapsed);
        }
      }
    }
    records = made;
    target.checkFailed();
  }

  /** Sleeps until the next version is due, sending what has waited long enough meanwhile. */
  private void keepRate(List<Load> all, long made, long elapsed) throws InterruptedException {
    if (rate == 0) {
      return;
    }
    long due = (long) (made * content.versionsPerRecord() * 1e9 / rate);
    long left = due - elapsed;
    while (left > 0 && !isStopping()) {
      TimeUnit.NANOSECONDS.sleep(Math.min(left, POLL_NANOS));
      left -= POLL_NANOS;
      all.forEach(each -> each.writer.poll());
    }
  }

  private void make(Load load) {
    Lsn lsn = content.lsn(load.next);
    long version = load.next * content.versionsPerRecord();
    for (int i = 0; i < content.versionsPerRecord(); i++, version++) {
      PageKey key = content.key(load.timeline, version);
      load.writer.put(lsn, key, content.kind(version), content.value(load.timeline, key, lsn));
    }
    load.writer.complete(lsn);
    load.next++;
  }

  @Override
  public ProduceProgress progress() {
    List<Load> all = loads;
    if (all.isEmpty()) {
      return ProduceProgress.none(state());
    }
    long versions = 0;
    long messages = 0;
    long bytes = 0;
    Lsn sent = Lsn.MAX;
    Lsn acked = Lsn.MAX;
    for (Load load : all) {
      versions += load.writer.versions();
      messages += load.writer.messages();
      bytes += load.writer.bytes();
      sent = min(sent, load.writer.sentLsn());
      acked = min(acked, load.writer.ackedLsn());
    }
    boolean stalled = state() == State.STREAMING && all.get(0).target.stalledFor().toSeconds() > 5;
    return new ProduceProgress(
        stalled ? State.STALLED : state(),
        records,
        versions,
        goal,
        0,
        messages,
        bytes,
        all.get(0).target.outstanding(),
        sent,
        sent,
        sent,
        acked);
  }

  private static Lsn min(Lsn a, Lsn b) {
    return a.isBefore(b) ? a : b;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "SyntheticProducer(timelines=%d)", timelines);
  }
}
