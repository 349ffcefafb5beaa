package io.walstrata.ingest;

import io.walstrata.ingest.avro.AvroWalDecoders;
import io.walstrata.ingest.avro.QuietStop;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.ingest.deadletter.DeadLetterFailures;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.http.HttpApi;
import io.walstrata.ingest.http.Peers;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.ingest.start.LocalChecks;
import io.walstrata.ingest.start.Membership;
import io.walstrata.ingest.start.OpenParts;
import io.walstrata.ingest.start.OwnHome;
import io.walstrata.ingest.start.StartChecks;
import io.walstrata.ingest.start.StartTask;
import io.walstrata.ingest.start.StartupException;
import io.walstrata.ingest.status.JobHealth;
import io.walstrata.ingest.status.JobMetrics;
import io.walstrata.ingest.status.JobView;
import io.walstrata.ingest.status.PartitionReading;
import io.walstrata.ingest.status.RegistryWatch;
import io.walstrata.ingest.status.RestoreProgress;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.redo.PageRedo;
import io.walstrata.layerstore.streams.HistoryGuard;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.postgres.redo.PostgresRedo;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.PgKeyText;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of the job: HTTP interface, checks, topology. Started once, closed once; {@link
 * #close} may be called by any thread at any time.
 */
public final class IngestJob implements Closeable {
  /*
   * Two phases. What the constructor makes serves both: HTTP answers before ingest has begun, with
   * the reason why it has not. What needs Kafka Streams is one RunningJob, made when the checks have
   * passed.
   */

  private static final Logger LOG = LoggerFactory.getLogger(IngestJob.class);

  /**
   * For leaving the group and closing the stores; flushes are not waited for, the topic has all.
   */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private final IngestConfig config;
  private final StreamsLifecycle lifecycle;
  private final AvroWalDecoders decoders;
  private final StoreResources resources;
  private final List<StateStoreOptions> stores;
  private final HistoryGuard guard;
  private final RegistryWatch registry;
  private final RestoreProgress restores = new RestoreProgress(System::nanoTime);
  private final StoreReads reads;
  private final JobMetrics metrics;
  private final OpenParts parts;

  private volatile @Nullable HttpApi http; // null before it listens
  private volatile @Nullable RunningJob running; // null before ingest begins

  /** Makes a job; nothing is opened before {@link #start}. */
  public IngestJob(IngestConfig config) {
    this.config = config;
    Map<String, String> registrySettings = config.registrySettings();
    lifecycle = new StreamsLifecycle(config);
    decoders = AvroWalDecoders.open(registrySettings, config.decodeRules());
    resources = StoreResources.create(config.storeBounds());
    stores =
        IngestTopology.stores(
            config, resources, () -> new QuietStop(decoders.get(), lifecycle::isStopping));
    guard = new HistoryGuard(stores, config.pollLimits());
    registry =
        new RegistryWatch(
            decoders.registry(),
            String.valueOf(registrySettings.get(IngestSettings.SCHEMA_REGISTRY_URL)));
    reads =
        new StoreReads(
            stores.stream()
                .collect(Collectors.toMap(StateStoreOptions::storeName, StateStoreOptions::topic)),
            this::streams);
    metrics =
        new JobMetrics(
            this::partitions,
            new JobMetrics.Signals(
                () -> health().isLive(),
                () -> health().isReady(),
                this::isBrokerUp,
                () -> decoders.outage().isEmpty() && registry.trouble().isEmpty()));
    parts =
        new OpenParts(
            new OpenParts.Part("metrics", metrics), new OpenParts.Part("decoders", decoders));
  }

  /**
   * Starts: listens on HTTP, waits for the topics, checks them against the layers, and begins to
   * ingest. Returns when ingest has begun, not when it has caught up. After a failure, close the
   * job.
   *
   * @throws StartupException if the job cannot start as things are, or was closed meanwhile
   * @throws IOException if the HTTP address cannot be listened on
   */
  public void start() throws StartupException, IOException, InterruptedException {
    start(step -> {});
  }

  /**
   * Starts as {@link #start()} does.
   *
   * @param steps called after each step, with its name
   */
  void start(Consumer<String> steps) throws StartupException, IOException, InterruptedException {
    try {
      open(steps);
    } catch (RuntimeException e) {
      if (lifecycle.isStopping()) { // what was closed during the start fails in its own way
        throw stopped(e);
      }
      throw e;
    }
  }

  private static StartupException stopped(@Nullable Throwable cause) {
    return new StartupException("stopped while starting", cause);
  }

  private void open(Consumer<String> steps)
      throws StartupException, IOException, InterruptedException {
    LOG.info("starting: application.id={}", config.applicationId());
    LocalChecks.checkHome(config);
    parts.add("state.dir", LocalChecks.claimState(config));
    parts.add("store resources", resources); // closed after the stores
    // Claimed while other parts are opened, but closed after all that use it.
    OpenParts home = parts.add("layers.home", new OpenParts());
    steps.accept("state.dir");
    Properties properties = properties();
    StartChecks.Claim claim =
        () -> {
          home.add("layers.home", OwnHome.claim(config, properties));
          steps.accept("layers.home");
        };
    // A start is mostly class loading and waiting for answers, so three things are done at the same
    // time: HTTP, the checks, and the making of Kafka Streams, which opens no store and reads
    // nothing before it is started, after the checks.
    try (StartTask<HttpApi> listening = StartTask.begin("start-http", this::listen);
        StartChecks checks =
            StartChecks.begin(
                config, () -> admin(properties), claim, stores, lifecycle::isStopping)) {
      steps.accept("checks begun");
      String address =
          config.advertisedHttpAddress(
              config.httpPort() == 0 ? listening.await().port() : config.httpPort());
      KafkaStreams streams = streams(properties, address);
      try {
        listening.await();
      } finally {
        // What is added later is closed earlier: HTTP answers until ingest has ended.
        parts.add("kafka streams", () -> close(streams));
      }
      steps.accept("streams made");
      Map<String, Integer> partitions = checks.await();
      steps.accept("checked");
      run(
          parts.add(
              "watch",
              new RunningJob(
                  config,
                  streams,
                  address,
                  checks.takeAdmin(),
                  partitions,
                  reads,
                  restores,
                  guard,
                  registry)));
      steps.accept("running");
    }
    parts.check();
    LOG.info(
        "ingesting: application.id={}, wal.topics={}, layers.home={}, state.dir={}",
        config.applicationId(),
        config.walTopics(),
        config.layersHome(),
        config.stateDir());
  }

  private Properties properties() throws StartupException {
    Properties properties = config.streamsSettings();
    DeadLetterFailures.addTo(properties, lifecycle.deadLetterFailure());
    try {
      Membership.name(properties, config.instanceDirectory());
    } catch (IOException e) {
      throw LocalChecks.cannotUse(config, e);
    }
    return properties;
  }

  private Admin admin(Properties properties) {
    return Admin.create(
        new StreamsConfig(properties).getAdminConfigs(config.applicationId() + "-watch"));
  }

  private KafkaStreams streams(Properties shared, String address) {
    Properties properties = new Properties(); // the checks read the others at the same time
    properties.putAll(shared);
    properties.put(StreamsConfig.APPLICATION_SERVER_CONFIG, address);
    return new KafkaStreams(
        IngestTopology.build(config, stores), new StreamsConfig(properties), guard);
  }

  /** Adds what only PostgreSQL's pages have: checksums, and sizes of the files that they are in. */
  static HttpApi.Options forPages(HttpApi.Options options, PageRedo redo) {
    return redo instanceof PostgresRedo
        ? options.withChecksums(PostgresRedo::writeChecksum).withSizes(new ForkFileSizes())
        : options;
  }

  private HttpApi listen() throws IOException, StartupException {
    HttpApi server =
        HttpApi.start(
            config.httpHost(),
            config.httpPort(),
            new BackupReads(reads),
            new HttpApi.Insight(this::health, this::status, metrics::scrape),
            this::peers,
            WalText::describeVersion,
            forPages(config.httpOptions(), config.pageRedo())
                .withKeys(PgKeyText::parse)
                .withObserver(metrics.reads()::read));
    parts.add("http", server);
    http = server;
    LOG.info("listening: url={}", url());
    return server;
  }

  private void run(RunningJob job) throws StartupException {
    synchronized (this) { // Kafka Streams that is closed cannot be started
      if (lifecycle.isStopping()) {
        throw stopped(null);
      }
      job.streams().setStateListener(lifecycle);
      job.streams().setUncaughtExceptionHandler(lifecycle);
      job.streams().setGlobalStateRestoreListener(restores);
      running = job;
      metrics.addKafka(job.streams(), job.scheduler());
      job.start();
    }
  }

  private @Nullable KafkaStreams streams() {
    RunningJob job = running;
    return job == null ? null : job.streams();
  }

  private List<PartitionReading> partitions() {
    RunningJob job = running;
    return job == null ? List.of() : job.view().partitions();
  }

  private boolean isBrokerUp() {
    RunningJob job = running;
    return job == null || job.isBrokerUp();
  }

  private ReadAnswer<Peers.View> peers() {
    RunningJob job = running;
    return job == null
        ? new ReadAnswer.NotReady<>("the job does not run: state=starting")
        : job.peers().view();
  }

  private Answers.Status status() {
    RunningJob job = running;
    return job == null
        ? JobView.starting(config.applicationId(), health())
        : job.view().status(health(), job.peers());
  }

  /** Returns how the job is. */
  public Health.Report health() {
    List<String> warnings = new ArrayList<>(guard.warnings());
    decoders.outage().ifPresent(outage -> warnings.add(outage.toString()));
    RunningJob job = running;
    if (job != null) {
      warnings.addAll(job.warnings());
    }
    lifecycle.diskFailure().ifPresent(warnings::add);
    return job == null ? JobHealth.starting(warnings) : job.health().report(warnings);
  }

  /** Returns where the HTTP interface is; only once started. */
  public URI url() {
    HttpApi server = http;
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    String host = config.httpHost();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port());
  }

  /**
   * Waits until the job has ended: closed, or failed.
   *
   * @return why it failed; null if it was closed
   */
  public @Nullable Throwable awaitEnd() throws InterruptedException {
    return lifecycle.awaitEnd();
  }

  /**
   * Leaves the group: else it would assign the partitions to no one for a session timeout, not even
   * to this instance when it starts again.
   */
  private void close(KafkaStreams streams) {
    decoders.stopWaiting(); // or a stream thread that waits for the registry would not end
    CloseOptions leaving =
        CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
            .withTimeout(CLOSE_TIMEOUT);
    if (!streams.close(leaving)) {
      LOG.warn("ingest did not end in time: waitedMs={}", CLOSE_TIMEOUT.toMillis());
    }
  }

  /** Ends ingest, then HTTP. What is not durable yet is read from the topic at the next start. */
  @Override
  public void close() {
    synchronized (this) {
      if (!lifecycle.stop()) {
        return;
      }
    }
    parts.close();
    lifecycle.end();
  }
}
