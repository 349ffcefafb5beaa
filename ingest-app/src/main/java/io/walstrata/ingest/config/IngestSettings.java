package io.walstrata.ingest.config;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidList;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** The job's settings by name: types, defaults, limits and what they do. */
public final class IngestSettings {
  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String SCHEMA_REGISTRY_URL = "schema.registry.url";
  public static final String WAL_TOPICS = "wal.topics";
  public static final String WAL_TIMELINES = "wal.timelines";
  public static final String APPLICATION_ID = "application.id";
  public static final String STARTUP_TIMEOUT_MS = "startup.timeout.ms";
  public static final String LAYERS_HOME = "layers.home";
  public static final String STATE_DIR = "state.dir";
  public static final String FREEZE_OFFSETS = "freeze.offsets";
  public static final String FREEZE_BYTES = "freeze.bytes";
  public static final String FREEZE_AGE_MS = "freeze.age.ms";
  public static final String FREEZE_IDLE_MS = "freeze.idle.ms";
  public static final String FROZEN_MAX = "frozen.max";
  public static final String MEMORY_BUDGET_BYTES = "memory.budget.bytes";
  public static final String LAYER_CACHE_BYTES = "layer.cache.bytes";
  public static final String PAGE_CACHE_BYTES = "page.cache.bytes";
  public static final String PAGE_REDO = "page.redo";
  public static final String TIMELINES_MAX = "timelines.max";
  public static final String READ_BUFFER_BYTES = "read.buffer.bytes";
  public static final String RECORD_MAX_BYTES = "record.max.bytes";
  public static final String WRITE_BUFFER_BYTES = "write.buffer.bytes";
  public static final String ON_DAMAGE = "on.damage";
  public static final String CLAIM_TIMEOUT_MS = "claim.timeout.ms";
  public static final String ON_BAD_RECORD = "on.bad.record";
  public static final String DEAD_LETTER_TOPIC = "dead.letter.topic";
  public static final String UNKNOWN_SCHEMA_WAIT_MS = "unknown.schema.wait.ms";
  public static final String HTTP_HOST = "http.host";
  public static final String HTTP_PORT = "http.port";
  public static final String HTTP_ANSWERS_MAX_BYTES = "http.answers.max.bytes";
  public static final String HTTP_CONNECTIONS_MAX = "http.connections.max";
  public static final String HTTP_READS_MAX = "http.reads.max";
  public static final String ADVERTISED_HTTP_ADDRESS = "advertised.http.address";

  /** Prefix of settings that are passed to Kafka Streams without it. */
  public static final String STREAMS_PREFIX = "streams.";

  /** Prefix of settings that are passed to the registry's client without it. */
  public static final String REGISTRY_PREFIX = "registry.";

  /** Less would be a poll for each record. */
  static final long MIN_READ_BUFFER_BYTES = 1 << 20;

  /** Less than any topic takes. */
  static final long MIN_RECORD_MAX_BYTES = 1 << 20;

  /** Less has no room for layers of a useful size. */
  static final long MIN_MEMORY_BUDGET_BYTES = 4 << 20;

  /** Less answers nothing of a page with a few images' worth of history. */
  static final long MIN_ANSWERS_MAX_BYTES = 1 << 20;

  private static final String KAFKA = "Kafka";
  private static final String LAYERS = "Layers";
  private static final String BAD_RECORDS = "Bad records";
  private static final String HTTP = "HTTP";

  /** The groups of settings, in the order of the documentation. */
  public static final List<String> GROUPS = List.of(KAFKA, LAYERS, BAD_RECORDS, HTTP);

  /** Every setting but the pass-through ones. */
  public static final ConfigDef DEF = new Builder().define();

  private IngestSettings() {}

  /** Keeps the order of definition and the group, which help and documentation follow. */
  private static final class Builder {
    private final ConfigDef def = new ConfigDef();
    private String group = "";
    private int order;

    ConfigDef define() {
      kafka();
      layers();
      badRecords();
      http();
      return def;
    }

    private void kafka() {
      group(KAFKA);
      add(
          BOOTSTRAP_SERVERS,
          ConfigDef.Type.LIST,
          ConfigDef.NO_DEFAULT_VALUE,
          new Addresses(Pattern.compile("(.*://)?[^/]+:[0-9]{1,5}"), "host:port"),
          "Kafka brokers to start from, `host:port,...`.");
      add(
          SCHEMA_REGISTRY_URL,
          ConfigDef.Type.LIST,
          ConfigDef.NO_DEFAULT_VALUE,
          new Addresses(Pattern.compile("(https?|mock)://.+"), "URL"),
          "Where the schema registry is, in Confluent's API; more than one URL for failover.");
      add(
          WAL_TOPICS,
          ConfigDef.Type.LIST,
          ConfigDef.NO_DEFAULT_VALUE,
          new TopicNames(),
          "WAL topics to ingest. Each gets a store of its own, named `layers-TOPIC`.");
      add(
          WAL_TIMELINES,
          ConfigDef.Type.LIST,
          List.of(),
          new Timelines(),
          "Timelines to ingest, 32 hex digits each; a message of another one is a bad record,"
              + " reason `wrong_timeline`. Empty for any. A change applies to all records that"
              + " are read after it, also to those that a restart reads again.");
      add(
          APPLICATION_ID,
          ConfigDef.Type.STRING,
          "walstrata",
          new NonEmptyString(),
          "Names the job: its consumer group, its directory below `state.dir` and its dead-letter"
              + " topic. All instances of a job share it; two jobs on one cluster need"
              + " different names.");
      add(
          STARTUP_TIMEOUT_MS,
          ConfigDef.Type.LONG,
          60_000L,
          Range.atLeast(0),
          "How long to wait at start, in milliseconds, for a broker that answers and for the WAL"
              + " topics to exist. 0 does not wait.");
      reading();
    }

    private void reading() {
      add(
          READ_BUFFER_BYTES,
          ConfigDef.Type.LONG,
          null,
          new OptionalBytes(MIN_READ_BUFFER_BYTES),
          "Heap, in bytes, for records that are unpacked and not ingested yet, of all stream"
              + " threads together: when it is taken, no more records are read. A single record"
              + " may exceed"
              + " it. Default: an eighth of the heap (`-Xmx`).");
      add(
          RECORD_MAX_BYTES,
          ConfigDef.Type.LONG,
          null,
          new OptionalBytes(MIN_RECORD_MAX_BYTES),
          "Largest record, in bytes, unpacked: key, value and headers. A larger one stops the job"
              + " with its topic, partition, offset and size; it is in memory several times while"
              + " it is worked on. Default: a quarter of the heap (`-Xmx`).");
    }

    private void layers() {
      group(LAYERS);
      add(
          LAYERS_HOME,
          ConfigDef.Type.STRING,
          ConfigDef.NO_DEFAULT_VALUE,
          new NonEmptyString(),
          "Directory of the layer files and manifests, `TOPIC/PARTITION/` below it. This is the"
              + " data: keep it.");
      add(
          STATE_DIR,
          ConfigDef.Type.STRING,
          null,
          new NonEmptyString(),
          "Directory for what may be lost: the values of layers that are not durable yet. Losing it"
              + " costs reading the topic again from the last freeze point. One per instance."
              + " Default: `walstrata` in the system's temporary directory.");
      add(
          FREEZE_OFFSETS,
          ConfigDef.Type.LONG,
          FreezePolicy.DEFAULTS.everyOffsets(),
          Range.atLeast(0),
          "Freeze a partition's open layers after this number of offsets. 0 turns this off.");
      add(
          FREEZE_BYTES,
          ConfigDef.Type.LONG,
          FreezePolicy.DEFAULTS.everyBytes(),
          Range.atLeast(0),
          "Freeze a partition's open layers after this number of bytes of messages. 0 turns this"
              + " off.");
      add(
          FREEZE_AGE_MS,
          ConfigDef.Type.LONG,
          FreezePolicy.DEFAULTS.everyAgeMs(),
          Range.atLeast(0),
          "Freeze a partition's open layers when the timestamps of the records since the last"
              + " freeze point are this number of milliseconds apart. The topic's time, not the"
              + " clock's: without new records nothing freezes. 0 turns this off.");
      add(
          FREEZE_IDLE_MS,
          ConfigDef.Type.LONG,
          0L,
          Range.atLeast(0),
          "Freeze a partition's open layers when no record came for this number of milliseconds, by"
              + " the clock. Layers then end where this instance happened to be idle, which the"
              + " manifest records; without it, a restart reads the records since the last freeze"
              + " point again. 0 turns this off.");
      add(
          FROZEN_MAX,
          ConfigDef.Type.INT,
          LayerStoreOptions.DEFAULTS.maxFrozen(),
          Range.atLeast(1),
          "How many freeze points of a partition may wait for their files; ingest waits at the"
              + " next.");
      add(
          MEMORY_BUDGET_BYTES,
          ConfigDef.Type.LONG,
          null,
          new OptionalBytes(MIN_MEMORY_BUDGET_BYTES),
          "Heap, in bytes, that open and frozen layers of all partitions may take together: index,"
              + " buffers, and what writing them out takes; the caches of layer files"
              + " (`layer.cache.bytes`) and of pages (`page.cache.bytes`) are part of it. When open"
              + " layers take half of the rest, the largest are frozen early, which the manifest"
              + " records; when all of it is taken, ingest waits for layer files. At most three"
              + " quarters of the heap. Default: a quarter of the heap (`-Xmx`).");
      add(
          LAYER_CACHE_BYTES,
          ConfigDef.Type.LONG,
          null,
          new OptionalBytes(0),
          "How much of `memory.budget.bytes` may be taken by indexes and filters of layer files"
              + " that were read; those that are used least are discarded first, and read from"
              + " their files again when they are needed. 0 keeps none. At most half of the budget,"
              + " together with `page.cache.bytes`. Default: a quarter of the budget.");
      add(
          PAGE_CACHE_BYTES,
          ConfigDef.Type.LONG,
          null,
          new OptionalBytes(0),
          "How much of `memory.budget.bytes` may be taken by pages that reads made by redo: the"
              + " next read of a page at the same LSN or a later one starts from the last. 0 keeps"
              + " none. At most half of the budget, together with `layer.cache.bytes`. Default: an"
              + " eighth of the budget, or what `layer.cache.bytes` leaves of the half if that is"
              + " less.");
      add(
          PAGE_REDO,
          ConfigDef.Type.STRING,
          "postgresql",
          ValidString.in("postgresql", "patches", "images"),
          "How a read makes a page of its versions: `postgresql` replays PostgreSQL's WAL records;"
              + " `patches` applies records that are bytes to write into the page; `images` takes"
              + " whole pages only.");
      add(
          TIMELINES_MAX,
          ConfigDef.Type.INT,
          LayerStoreOptions.DEFAULT_MAX_TIMELINES,
          Range.atLeast(1),
          "How many timelines a partition may have. A record of a new one beyond that is a bad"
              + " record, reason `too_many_timelines`. Each takes about 0.5 KiB of"
              + " `memory.budget.bytes` for as long as the partition exists, and a file at each"
              + " freeze point at which it has new versions. A change applies to all records"
              + " that are read after it, also to those that a restart reads again.");
      add(
          WRITE_BUFFER_BYTES,
          ConfigDef.Type.INT,
          LayerStoreOptions.DEFAULTS.writeBufferBytes(),
          Range.between(
              LayerStoreOptions.MIN_WRITE_BUFFER_BYTES, LayerStoreOptions.MAX_WRITE_BUFFER_BYTES),
          "Buffers in front of each partition's ephemeral file, in bytes: while one half is filled,"
              + " the other is written; they grow to this as they are needed, but to no more than a"
              + " 256th of `memory.budget.bytes`.");
      add(
          ON_DAMAGE,
          ConfigDef.Type.STRING,
          "rebuild",
          ValidString.in("rebuild", "refuse"),
          "What to do at start with damaged layers: `rebuild` sets them aside, deletes nothing, and"
              + " reads their records from the topic again, if it still has them all; `refuse` does"
              + " not start.");
      add(
          CLAIM_TIMEOUT_MS,
          ConfigDef.Type.LONG,
          30_000L,
          Range.atLeast(0),
          "How long a partition waits, in milliseconds, for a former owner in the same"
              + " `layers.home` to close its layers, before the job stops.");
    }

    private void badRecords() {
      group(BAD_RECORDS);
      add(
          ON_BAD_RECORD,
          ConfigDef.Type.STRING,
          "dead-letter",
          ValidString.in("dead-letter", "fail"),
          "What to do with a record that cannot be ingested: `dead-letter` sends it to the"
              + " dead-letter topic and continues, `fail` stops the job before its offset is"
              + " passed.");
      add(
          DEAD_LETTER_TOPIC,
          ConfigDef.Type.STRING,
          null,
          new OptionalTopicName(),
          "Where bad records go, with reason and origin in headers; made at start if it does not"
              + " exist. Default: `APPLICATION_ID-dead-letters`.");
      add(
          UNKNOWN_SCHEMA_WAIT_MS,
          ConfigDef.Type.LONG,
          10_000L,
          Range.atLeast(0),
          "For how many milliseconds after a record's timestamp the registry is asked again for a"
              + " schema id that it does not know, before the record is a bad one: a registry of"
              + " several nodes learns ids with a delay. 0 takes its first answer. Older records do"
              + " not wait. Each id is waited for once. For all ids together ingest waits at"
              + " most this long at a time, and at most a tenth of the time in the long run,"
              + " whatever the timestamps say.");
    }

    private void http() {
      group(HTTP);
      add(
          HTTP_HOST,
          ConfigDef.Type.STRING,
          "127.0.0.1",
          new NonEmptyString(),
          "Address to listen on. There is no authentication: listen only on a network that you"
              + " trust.");
      add(
          HTTP_PORT,
          ConfigDef.Type.INT,
          8090,
          Range.between(0, 65535),
          "Port to listen on; 0 takes a free one.");
      add(
          ADVERTISED_HTTP_ADDRESS,
          ConfigDef.Type.STRING,
          null,
          new OptionalAddress(),
          "Where the job's other instances reach this one, `host:port`: they pass requests on"
              + " that only this one can answer. Each instance needs its own. Default:"
              + " `http.host` and the port; the"
              + " machine's name where `http.host` is a wildcard.");
      add(
          HTTP_ANSWERS_MAX_BYTES,
          ConfigDef.Type.LONG,
          null,
          new OptionalBytes(MIN_ANSWERS_MAX_BYTES),
          "Heap, in bytes, for what all answers in progress have read and not sent yet. An"
              + " answer that alone needs more is refused with `answer_too_large`, one that"
              + " does not fit beside the others with `too_busy`. Default: an eighth"
              + " of the heap.");
      add(
          HTTP_CONNECTIONS_MAX,
          ConfigDef.Type.INT,
          1024,
          Range.atLeast(4),
          "Connections at one time; more wait to be accepted, and idle ones are closed sooner"
              + " meanwhile.");
      add(
          HTTP_READS_MAX,
          ConfigDef.Type.INT,
          16,
          Range.between(1, 1024),
          "Reads of pages, layers and timelines at one time. Sixteen times as many wait; more are"
              + " refused, `too_busy`. Health and metrics do not wait for them.");
    }

    private void group(String name) {
      group = name;
      order = 0;
    }

    private void add(
        String name,
        ConfigDef.Type type,
        @Nullable Object defaultValue,
        Validator validator,
        String doc) {
      Importance importance =
          defaultValue == ConfigDef.NO_DEFAULT_VALUE ? Importance.HIGH : Importance.MEDIUM;
      def.define(
          name,
          type,
          defaultValue,
          validator,
          importance,
          doc,
          group,
          ++order,
          Width.MEDIUM,
          /* displayName= */ name);
    }
  }

  /** Addresses by their form; whether one answers is not known before it is used. */
  private static final class Addresses implements Validator {
    private final Pattern pattern;
    private final String form;
    private final Validator list =
        ValidList.anyNonDuplicateValues(/* isEmptyAllowed= */ false, /* isNullAllowed= */ false);

    Addresses(Pattern pattern, String form) {
      this.pattern = pattern;
      this.form = form;
    }

    @Override
    public void ensureValid(String name, Object value) {
      list.ensureValid(name, value);
      for (Object address : (List<?>) value) {
        if (!pattern.matcher(String.valueOf(address)).matches()) {
          throw new ConfigException(name, address, "not a " + form);
        }
      }
    }

    @Override
    public String toString() {
      return "one or more different, each a " + form;
    }
  }

  private static final class OptionalAddress implements Validator {
    @Override
    public void ensureValid(String name, @Nullable Object value) {
      if (value != null) {
        try {
          HostInfo.buildFromEndpoint((String) value);
        } catch (ConfigException e) {
          throw new ConfigException(name, value, "not a host:port");
        }
      }
    }

    @Override
    public String toString() {
      return "a host:port";
    }
  }

  /** Topic names as a broker accepts them. */
  private static final class TopicNames implements Validator {
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
    private final Validator list =
        ValidList.anyNonDuplicateValues(/* isEmptyAllowed= */ false, /* isNullAllowed= */ false);

    @Override
    public void ensureValid(String name, Object value) {
      list.ensureValid(name, value);
      ((List<?>) value).forEach(topic -> check(name, String.valueOf(topic)));
    }

    static void check(String name, String topic) {
      if (!LEGAL.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
        throw new ConfigException(
            name, topic, "not a topic name: 1 to 249 of letters, digits, '.', '_' and '-'");
      }
    }

    @Override
    public String toString() {
      return "one or more different topic names";
    }
  }

  private static final class Timelines implements Validator {
    private final Validator list =
        ValidList.anyNonDuplicateValues(/* isEmptyAllowed= */ true, /* isNullAllowed= */ false);

    @Override
    public void ensureValid(String name, Object value) {
      list.ensureValid(name, value);
      for (Object each : (List<?>) value) {
        try {
          TimelineId.parse(String.valueOf(each));
        } catch (IllegalArgumentException e) {
          throw new ConfigException(name, each, e.getMessage());
        }
      }
    }

    @Override
    public String toString() {
      return "different timelines";
    }
  }

  /** A number of bytes, or none. */
  private static final class OptionalBytes implements Validator {
    private final long least;

    OptionalBytes(long least) {
      this.least = least;
    }

    @Override
    public void ensureValid(String name, @Nullable Object value) {
      if (value != null && (Long) value < least) {
        throw new ConfigException(name, value, "at least " + least);
      }
    }

    @Override
    public String toString() {
      return "[" + least + ",...]";
    }
  }

  private static final class OptionalTopicName implements Validator {
    @Override
    public void ensureValid(String name, @Nullable Object value) {
      if (value != null) {
        TopicNames.check(name, (String) value);
      }
    }

    @Override
    public String toString() {
      return "a topic name";
    }
  }
}
