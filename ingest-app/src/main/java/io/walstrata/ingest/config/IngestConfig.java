package io.walstrata.ingest.config;

import io.walstrata.ingest.avro.DecodeRules;
import io.walstrata.ingest.http.HttpApi;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.redo.BytePatchRedo;
import io.walstrata.layerstore.redo.ImageRedo;
import io.walstrata.layerstore.redo.PageRedo;
import io.walstrata.layerstore.streams.PollLimits;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.redo.PostgresRedo;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/** The job's settings, checked. Immutable. See {@link IngestSettings} for what each does. */
public final class IngestConfig {
  private static final int ANSWERS_SHARE_OF_HEAP = 8;
  private static final int WAITING_READS_EACH = 16;

  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");

  private final AbstractConfig config;
  private final Map<String, String> streams;
  private final Map<String, String> registry;

  private IngestConfig(
      Map<String, String> own, Map<String, String> streams, Map<String, String> registry) {
    this.config = new AbstractConfig(IngestSettings.DEF, own, /* doLog= */ false);
    this.streams = streams;
    this.registry = registry;
  }

  /**
   * Checks settings.
   *
   * @param settings by name, pass-through ones with their prefix
   * @throws ConfigException naming every setting that is unknown, missing or out of its range
   */
  public static IngestConfig of(Map<String, String> settings) {
    Map<String, String> own = new HashMap<>();
    Map<String, String> streams = new TreeMap<>();
    Map<String, String> registry = new TreeMap<>();
    List<String> faults = new ArrayList<>();
    for (Map.Entry<String, String> setting : new TreeMap<>(settings).entrySet()) {
      String name = setting.getKey();
      if (IngestSettings.DEF.names().contains(name)) {
        own.put(name, setting.getValue());
      } else if (name.startsWith(IngestSettings.STREAMS_PREFIX)) {
        streams.put(
            name.substring(IngestSettings.STREAMS_PREFIX.length()), setting.getValue().strip());
      } else if (name.startsWith(IngestSettings.REGISTRY_PREFIX)) {
        registry.put(
            name.substring(IngestSettings.REGISTRY_PREFIX.length()), setting.getValue().strip());
      } else {
        faults.add(unknown(name));
      }
    }
    Map<String, Object> parsed = new HashMap<>();
    List<String> missing = missing(own);
    if (!missing.isEmpty()) {
      faults.add(
          "settings are missing, give them as flags (--NAME=VALUE) or in the file of --config:"
              + " names="
              + String.join(",", missing));
    }
    for (ConfigValue value : IngestSettings.DEF.validate(own)) {
      // The first is the reason; a setting may fail several validators.
      if (!missing.contains(value.name())) {
        value.errorMessages().stream().findFirst().ifPresent(faults::add);
      }
      parsed.put(value.name(), value.value());
    }
    faults.addAll(contradictions(parsed));
    faults.addAll(StreamsSettings.faults(streams));
    faults.addAll(RegistrySettings.faults(registry));
    if (!faults.isEmpty()) {
      throw new ConfigException("bad configuration: " + String.join("; ", faults));
    }
    IngestConfig config = new IngestConfig(own, Map.copyOf(streams), Map.copyOf(registry));
    config.checkCaches();
    if (config.walTopics().contains(config.deadLetterTopic())) {
      throw new ConfigException(
          "bad configuration: "
              + IngestSettings.DEAD_LETTER_TOPIC
              + " must not be one of "
              + IngestSettings.WAL_TOPICS
              + ": topic="
              + config.deadLetterTopic());
    }
    return config;
  }

  private void checkCaches() {
    StoreResources.Bounds bounds = storeBounds();
    // Their sum may be more than a long holds.
    if (bounds.pageCacheBytes() > bounds.memoryBudgetBytes() / 2 - bounds.layerCacheBytes()) {
      throw new ConfigException(
          "bad configuration: "
              + IngestSettings.LAYER_CACHE_BYTES
              + " and "
              + IngestSettings.PAGE_CACHE_BYTES
              + " together must leave half of the memory budget for layers in memory, give less or"
              + " raise "
              + IngestSettings.MEMORY_BUDGET_BYTES
              + ": layerCacheBytes="
              + bounds.layerCacheBytes()
              + ", pageCacheBytes="
              + bounds.pageCacheBytes()
              + ", memoryBudgetBytes="
              + bounds.memoryBudgetBytes());
    }
  }

  private static List<String> missing(Map<String, String> own) {
    return IngestSettings.DEF.configKeys().values().stream()
        .filter(key -> !key.hasDefault() && !own.containsKey(key.name))
        .map(key -> key.name)
        .sorted()
        .toList();
  }

  /** Returns what is wrong with settings that are valid each by itself. */
  private static List<String> contradictions(Map<String, Object> parsed) {
    List<String> faults = new ArrayList<>();
    List<String> triggers =
        List.of(
            IngestSettings.FREEZE_OFFSETS,
            IngestSettings.FREEZE_BYTES,
            IngestSettings.FREEZE_AGE_MS);
    if (triggers.stream().allMatch(name -> Long.valueOf(0).equals(parsed.get(name)))) {
      faults.add(
          "all freeze triggers are off, nothing would ever become durable: set one of "
              + String.join(", ", triggers));
    }
    memoryFault(parsed).ifPresent(faults::add);
    for (String name : List.of(IngestSettings.READ_BUFFER_BYTES, IngestSettings.RECORD_MAX_BYTES)) {
      readFault(name, parsed).ifPresent(faults::add);
    }
    return faults;
  }

  private static Optional<String> memoryFault(Map<String, Object> parsed) {
    if (!(parsed.get(IngestSettings.MEMORY_BUDGET_BYTES) instanceof Long budget)) {
      return Optional.empty();
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (budget > heap / 4 * 3) {
      return Optional.of(
          IngestSettings.MEMORY_BUDGET_BYTES
              + " must leave a quarter of the heap for all else, give less or raise -Xmx: value="
              + budget
              + ", heapBytes="
              + heap);
    }
    return Optional.empty();
  }

  private static Optional<String> readFault(String name, Map<String, Object> parsed) {
    long heap = Runtime.getRuntime().maxMemory();
    return parsed.get(name) instanceof Long bytes && bytes > heap / 2
        ? Optional.of(
            name
                + " must leave half of the heap for all else, give less or raise -Xmx: value="
                + bytes
                + ", heapBytes="
                + heap)
        : Optional.empty();
  }

  private static String unknown(String name) {
    return "unknown setting: name="
        + name
        + NearestName.among(IngestSettings.DEF.names(), name)
            .map(near -> ", did you mean " + near + "?")
            .orElse(
                ", known are "
                    + String.join(", ", IngestSettings.DEF.names().stream().sorted().toList())
                    + ", streams.* and registry.*");
  }

  public String bootstrapServers() {
    return String.join(",", config.getList(IngestSettings.BOOTSTRAP_SERVERS));
  }

  public List<String> walTopics() {
    return List.copyOf(config.getList(IngestSettings.WAL_TOPICS));
  }

  /** Returns what is required of messages, apart from being decodable. */
  public DecodeRules decodeRules() {
    return new DecodeRules(
        config.getList(IngestSettings.WAL_TIMELINES).stream()
            .map(TimelineId::parse)
            .collect(Collectors.toUnmodifiableSet()),
        Duration.ofMillis(config.getLong(IngestSettings.UNKNOWN_SCHEMA_WAIT_MS)));
  }

  public String applicationId() {
    return config.getString(IngestSettings.APPLICATION_ID);
  }

  public long startupTimeoutMs() {
    return config.getLong(IngestSettings.STARTUP_TIMEOUT_MS);
  }

  public Path layersHome() {
    return Path.of(config.getString(IngestSettings.LAYERS_HOME)).toAbsolutePath();
  }

  public Path stateDir() {
    @Nullable String directory = config.getString(IngestSettings.STATE_DIR);
    return (directory == null
            ? Path.of(System.getProperty("java.io.tmpdir"), "walstrata")
            : Path.of(directory))
        .toAbsolutePath();
  }

  /** Returns the directory of this instance below the state directory. */
  public Path instanceDirectory() {
    return stateDir().resolve(applicationId());
  }

  public long freezeOffsets() {
    return config.getLong(IngestSettings.FREEZE_OFFSETS);
  }

  public long freezeBytes() {
    return config.getLong(IngestSettings.FREEZE_BYTES);
  }

  public long freezeAgeMs() {
    return config.getLong(IngestSettings.FREEZE_AGE_MS);
  }

  public int frozenMax() {
    return config.getInt(IngestSettings.FROZEN_MAX);
  }

  public Duration freezeIdle() {
    return Duration.ofMillis(config.getLong(IngestSettings.FREEZE_IDLE_MS));
  }

  /** Returns the heap that the layers of all partitions may take together, in bytes. */
  public long memoryBudgetBytes() {
    @Nullable Long bytes = config.getLong(IngestSettings.MEMORY_BUDGET_BYTES);
    return bytes == null
        ? Math.max(IngestSettings.MIN_MEMORY_BUDGET_BYTES, Runtime.getRuntime().maxMemory() / 4)
        : bytes;
  }

  /** Returns the bounds of what all stores of the job share. */
  public StoreResources.Bounds storeBounds() {
    StoreResources.Bounds bounds = StoreResources.Bounds.of(memoryBudgetBytes());
    @Nullable Long layers = config.getLong(IngestSettings.LAYER_CACHE_BYTES);
    if (layers != null) {
      bounds = bounds.withLayerCacheBytes(layers);
    }
    @Nullable Long pages = config.getLong(IngestSettings.PAGE_CACHE_BYTES);
    long rest = Math.max(0, bounds.memoryBudgetBytes() / 2 - bounds.layerCacheBytes());
    return bounds.withPageCacheBytes(
        pages == null ? Math.min(bounds.pageCacheBytes(), rest) : pages);
  }

  public int timelinesMax() {
    return config.getInt(IngestSettings.TIMELINES_MAX);
  }

  /** Returns the bytes that records may take together between being read and being ingested. */
  public long readBufferBytes() {
    @Nullable Long bytes = config.getLong(IngestSettings.READ_BUFFER_BYTES);
    return bytes == null
        ? Math.max(IngestSettings.MIN_READ_BUFFER_BYTES, Runtime.getRuntime().maxMemory() / 8)
        : bytes;
  }

  /** Returns the largest record, unpacked, in bytes. */
  public long recordMaxBytes() {
    @Nullable Long bytes = config.getLong(IngestSettings.RECORD_MAX_BYTES);
    return bytes == null
        ? Math.max(IngestSettings.MIN_RECORD_MAX_BYTES, Runtime.getRuntime().maxMemory() / 4)
        : bytes;
  }

  /** Returns how many stream threads the job has. */
  public int streamThreads() {
    return StreamsSettings.threads(streams);
  }

  /** Returns the limits of each consumer of the job. */
  public PollLimits pollLimits() {
    return new PollLimits(
        PollLimits.heldBytes(readBufferBytes(), streamThreads()), recordMaxBytes());
  }

  public int writeBufferBytes() {
    return config.getInt(IngestSettings.WRITE_BUFFER_BYTES);
  }

  /** Returns what makes a page of its versions. */
  public PageRedo pageRedo() {
    return switch (config.getString(IngestSettings.PAGE_REDO)) {
      case "patches" -> new BytePatchRedo(Page.BYTES);
      case "images" -> new ImageRedo();
      default -> new PostgresRedo();
    };
  }

  /** Returns whether damaged layers are rebuilt rather than refused. */
  public boolean rebuildsDamagedLayers() {
    return config.getString(IngestSettings.ON_DAMAGE).equals("rebuild");
  }

  public long claimTimeoutMs() {
    return config.getLong(IngestSettings.CLAIM_TIMEOUT_MS);
  }

  /** Returns whether a bad record stops the job rather than going to the dead-letter topic. */
  public boolean failsOnBadRecord() {
    return config.getString(IngestSettings.ON_BAD_RECORD).equals("fail");
  }

  public String deadLetterTopic() {
    @Nullable String topic = config.getString(IngestSettings.DEAD_LETTER_TOPIC);
    return topic == null ? applicationId() + "-dead-letters" : topic;
  }

  public String httpHost() {
    return config.getString(IngestSettings.HTTP_HOST);
  }

  public int httpPort() {
    return config.getInt(IngestSettings.HTTP_PORT);
  }

  /** Returns the bounds of the HTTP interface. */
  public HttpApi.Options httpOptions() {
    @Nullable Long bytes = config.getLong(IngestSettings.HTTP_ANSWERS_MAX_BYTES);
    int reads = config.getInt(IngestSettings.HTTP_READS_MAX);
    return HttpApi.Options.DEFAULTS
        .withMaxAnswerBytes(
            bytes != null
                ? bytes
                : Math.max(
                    IngestSettings.MIN_ANSWERS_MAX_BYTES,
                    Runtime.getRuntime().maxMemory() / ANSWERS_SHARE_OF_HEAP))
        .withMaxConnections(config.getInt(IngestSettings.HTTP_CONNECTIONS_MAX))
        .withMaxReads(reads, reads * WAITING_READS_EACH);
  }

  /**
   * Returns where other instances reach this one, {@code host:port}.
   *
   * @param port of this instance
   */
  public String advertisedHttpAddress(int port) {
    @Nullable String address = config.getString(IngestSettings.ADVERTISED_HTTP_ADDRESS);
    if (address != null) {
      return address;
    }
    String host = httpHost();
    if (WILDCARDS.contains(host)) {
      host = machineName();
    }
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String machineName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new ConfigException(
          "this machine does not know its name, set "
              + IngestSettings.ADVERTISED_HTTP_ADDRESS
              + ": error="
              + e.getMessage());
    }
  }

  /** Returns what the registry's client is configured with, its URL included. */
  public Map<String, String> registrySettings() {
    Map<String, String> settings = new TreeMap<>(registry);
    settings.put(
        IngestSettings.SCHEMA_REGISTRY_URL,
        String.join(",", config.getList(IngestSettings.SCHEMA_REGISTRY_URL)));
    return settings;
  }

  /** Returns what Kafka Streams is configured with: our defaults, then {@code streams.*}. */
  public Properties streamsSettings() {
    return StreamsSettings.of(this, streams);
  }
}
