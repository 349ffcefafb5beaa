package io.walstrata.ingest;

import io.walstrata.ingest.avro.AvroWalDecoders;
import io.walstrata.ingest.avro.QuietStop;
import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.ingest.deadletter.DeadLetterFailures;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.HttpApi;
import io.walstrata.ingest.query.GroupPeers;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.ingest.start.LocalChecks;
import io.walstrata.ingest.start.Membership;
import io.walstrata.ingest.start.OpenParts;
import io.walstrata.ingest.start.OwnHome;
import io.walstrata.ingest.start.Restarts;
import io.walstrata.ingest.start.StartChecks;
import io.walstrata.ingest.start.StartTask;
import io.walstrata.ingest.start.StartupException;
import io.walstrata.ingest.status.JobHealth;
import io.walstrata.ingest.status.JobMetrics;
import io.walstrata.ingest.status.JobView;
import io.walstrata.ingest.status.JobWatch;
import io.walstrata.ingest.status.Reasons;
import io.walstrata.ingest.status.RegistryWatch;
import io.walstrata.ingest.status.RestoreProgress;
import io.walstrata.ingest.status.StateDisk;
import io.walstrata.ingest.status.StateReasons;
import io.walstrata.layerstore.streams.HistoryGuard;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.PgKeyText;
import io.walstrata.schemas.serde.SchemaRegistry;
import io.walstrata.schemas.serde.WalSerdeConfig;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of the job: HTTP interface, checks, topology. Started once, closed once; {@link
 * #close} may be called by any thread at any time.
 */
public final class IngestJob implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(IngestJob.class);

  /** Leaves the group and closes the stores; flushing is not waited for, the topic has it all. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private static final Duration DISK_PAUSE = Duration.ofSeconds(5);
  private static final int REGISTRY_SECONDS = 5;

  /** About what 1 MiB of values of 100 bytes takes, with the buffer. */
  private static final long MIN_MEMORY_OF_A_PARTITION = 2 << 20;

  private final IngestConfig config;
  private final AvroWalDecoders decoders;
  private final List<StateStoreOptions> stores;
  private final HistoryGuard guard;
  private final StoreReads reads;
  private final RestoreProgress restores = new RestoreProgress(System::nanoTime);
  private final JobHealth health;
  private final JobView view;
  private final GroupPeers peers;
  private final JobMetrics metrics;
  private final StateDisk stateDisk;
  private final SchemaRegistry registry;
  private final RegistryWatch registryWatch;
  private final Restarts restarts;
  private final AtomicReference<String> deadLetterFailure = new AtomicReference<>();
  private final OpenParts parts = new OpenParts();
  private final OpenParts home = new OpenParts(); // taken while other parts are opened
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  private volatile @Nullable HttpApi http;
  private volatile @Nullable KafkaStreams streams;
  private volatile @Nullable JobWatch watch;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable String diskFailure;
  private volatile boolean isClosed;

  /** Makes a job; nothing is opened before {@link #start}. */
  public IngestJob(IngestConfig config) {
    this.config = config;
    this.decoders = AvroWalDecoders.open(config.registrySettings(), config.decodeRules());
    this.stores =
        IngestTopology.stores(config, () -> new QuietStop(decoders.get(), () -> isClosed));
    this.restarts = new Restarts(System::nanoTime, config.streamThreads());
    this.guard = new HistoryGuard(stores, config.readLimits());
    this.registry = SchemaRegistry.open(new WalSerdeConfig(config.registrySettings()));
    this.registryWatch =
        new RegistryWatch(
            registry,
            String.valueOf(config.registrySettings().get(IngestSettings.SCHEMA_REGISTRY_URL)));
    this.stateDisk = new StateDisk(config.stateDir().resolve(config.applicationId()));
    this.reads =
        new StoreReads(
            stores.stream()
                .collect(
                    Collectors.toMap(StateStoreOptions::storeName, StateStoreOptions::topic)),
            () -> streams);
    this.health =
        new JobHealth(reads, restores, () -> streams, this::troubles, registryWatch::trouble);
    this.view =
        new JobView(config.applicationId(), reads, restores, () -> streams, guard::nextOffset);
    this.peers = new GroupPeers(() -> streams, view::held);
    this.metrics =
        new JobMetrics(
            view::partitions,
            new JobMetrics.Signals(
                () -> health.report().isLive(),
                () -> health.report().isReady(),
                () -> view.brokerOutage().isEmpty(),
                () -> decoders.outage().isEmpty() && registryWatch.trouble().isEmpty()));
  }

  /**
   * Starts: listens on HTTP, waits for the topics, checks them against the layers, and begins to
   * ingest. Returns when ingest has begun, not when it has caught up. After a failure the job is to
   * be closed.
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
      if (isClosed) { // what was closed under the start fails in its own way
        throw new StartupException("stopped while starting", e);
      }
      throw e;
    }
  }

  private void open(Consumer<String> steps)
      throws StartupException, IOException, InterruptedException {
    LOG.info("starting: application.id={}", config.applicationId());
    LocalChecks.checkHome(config);
    parts.add("state.dir", LocalChecks.claimState(config));
    parts.add("layers.home", home); // before what uses it, and so closed after it
    steps.accept("state.dir");
    Properties properties = properties();
    StartChecks.Claim claim =
        () -> {
          home.add("layers.home", OwnHome.claim(config, properties));
          steps.accept("layers.home");
        };
    // A start is the loading of classes and the waiting for answers, so what can be done side by
    // side is: HTTP, the checks, and the making of Kafka Streams, which opens no store and reads
    // nothing before it is started, after the checks.
    try (StartTask<HttpApi> listening = StartTask.begin("start-http", this::listen);
        StartChecks checks =
            StartChecks.begin(config, () -> admin(properties), claim, stores, () -> isClosed)) {
      steps.accept("checks begun");
      KafkaStreams job = streams(properties, listening);
      steps.accept("streams made");
      Map<String, Integer> partitions = checks.await();
      steps.accept("checked");
      peers.know(partitions);
      checkMemory(partitions.values().stream().mapToInt(Integer::intValue).sum());
      run(job, new JobWatch(checks.takeAdmin(), config.walTopics(), view, peers, restores));
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

  private KafkaStreams streams(Properties shared, StartTask<HttpApi> listening)
      throws StartupException, IOException, InterruptedException {
    // The checks read the others meanwhile.
    Properties properties = new Properties();
    properties.putAll(shared);
    int port = config.httpPort() == 0 ? listening.await().port() : config.httpPort();
    String address = config.advertisedHttpAddress(port);
    properties.put(StreamsConfig.APPLICATION_SERVER_CONFIG, address);
    peers.self(address);
    KafkaStreams job =
        new KafkaStreams(
            IngestTopology.build(config, stores), new StreamsConfig(properties), guard);
    try {
      listening.await();
    } finally {
      // What is added later is closed earlier: HTTP answers until ingest has ended.
      parts.add("kafka streams", () -> close(job));
    }
    return job;
  }

  private Properties properties() throws StartupException {
    Properties properties = config.streamsSettings();
    DeadLetterFailures.addTo(properties, deadLetterFailure);
    try {
      Membership.name(properties, config.stateDir().resolve(config.applicationId()));
    } catch (IOException e) {
      throw LocalChecks.cannotUse(config, e);
    }
    return properties;
  }

  private static void close(KafkaStreams job) {
    if (!job.close(leaving())) {
      LOG.warn("ingest did not end in time: waitedMs={}", CLOSE_TIMEOUT.toMillis());
    }
  }

  private HttpApi listen() throws IOException, StartupException {
    HttpApi server =
        HttpApi.start(
            config.httpHost(),
            config.httpPort(),
            reads,
            new HttpApi.Insight(health, this::status, metrics::scrape),
            peers,
            (key, lsn, value) -> WalText.describeValue(value, lsn),
            config.httpOptions().withKeys(PgKeyText::parse).withObserver(metrics.reads()::read));
    parts.add("http", server);
    http = server;
    LOG.info("listening: url={}", url());
    return server;
  }

  /** Says so if all partitions of the topics would have next to no memory each. */
  private void checkMemory(int partitions) {
    long budget = config.memoryBudget().limitBytes();
    if (partitions * MIN_MEMORY_OF_A_PARTITION > budget) {
      LOG.warn(
          "little memory for layers if all partitions are here, they will be frozen early and be"
              + " small: {}={}, partitions={}, bytesEach={}",
          IngestSettings.MEMORY_BUDGET_BYTES,
          budget,
          partitions,
          budget / partitions);
    }
  }

  private Admin admin(Properties properties) {
    return Admin.create(
        new StreamsConfig(properties).getAdminConfigs(config.applicationId() + "-watch"));
  }

  private void run(KafkaStreams job, JobWatch watching) throws StartupException {
    parts.add("watch", watching);
    synchronized (this) {
      if (isClosed) {
        throw new StartupException("stopped while starting"); // a closed one cannot be started
      }
      job.setStateListener(this::stateChanged);
      job.setUncaughtExceptionHandler(this::uncaught);
      job.setGlobalStateRestoreListener(restores);
      streams = job;
      watch = watching;
      metrics.watch(job, watching.scheduler());
      job.start();
      watching.start();
      Future<?> unused =
          watching
              .scheduler()
              .scheduleWithFixedDelay(
                  registryWatch::look, /* initialDelay= */ 0, REGISTRY_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Answers.Status status() {
    HttpApi server = http;
    return view.status(
        server == null || streams == null ? null : config.advertisedHttpAddress(server.port()),
        health.report(),
        peers);
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

  /** Returns how the job is. */
  public io.walstrata.ingest.http.Health.Report health() {
    return health.report();
  }

  /**
   * Waits until the job has ended: closed, or failed.
   *
   * @return why it failed; null if it was closed
   */
  public @Nullable Throwable awaitEnd() throws InterruptedException {
    ended.await();
    return failure;
  }

  private List<String> troubles() {
    List<String> troubles = new ArrayList<>(guard.warnings());
    decoders.outage().ifPresent(outage -> troubles.add(outage.toString()));
    view.brokerOutage().ifPresent(outage -> troubles.add(outage.toString()));
    JobWatch watching = watch;
    if (watching != null) {
      troubles.addAll(watching.warnings());
    }
    String disk = diskFailure;
    if (disk != null) {
      troubles.add(disk);
    }
    return troubles;
  }

  private void stateChanged(KafkaStreams.State newState, KafkaStreams.State oldState) {
    LOG.info(
        "state: from={}, to={}, reason={}",
        oldState,
        newState,
        StateReasons.of(oldState, newState, isClosed, failure));
    if (newState == KafkaStreams.State.RUNNING) {
      diskFailure = null;
      stateDisk.recovered();
    }
    if (newState == KafkaStreams.State.ERROR || newState == KafkaStreams.State.NOT_RUNNING) {
      ended.countDown();
    }
  }

  /**
   * A thread is replaced for what passes by itself, such as a broker that was away for longer than
   * Streams waits, or a disk that is full when a partition comes. Anything else would come again at
   * the same record: the job stops, and its process ends with the reason.
   */
  private StreamThreadExceptionResponse uncaught(Throwable thrown) {
    if (isClosed) {
      LOG.info("ingest gave up what it was waiting for: reason={}", Reasons.of(thrown));
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    if (isPassing(thrown)) {
      Optional<Duration> pause = restarts.next();
      if (pause.isPresent()) {
        LOG.warn(
            "ingest was interrupted and continues: pauseMs={}, reason={}",
            pause.get().toMillis(),
            Reasons.of(thrown));
        return replaceAfter(pause.get());
      }
      return stopped(
          new StreamsException(
              "ingest was interrupted too often, and what interrupts it does not pass: times="
                  + restarts.mostAnHour()
                  + ", within=1h, reason="
                  + Reasons.of(thrown)),
          thrown);
    }
    Optional<String> disk = stateDisk.failureBehind(thrown);
    if (disk.isPresent()) {
      LOG.warn("ingest was interrupted, trying again: {}", disk.get());
      diskFailure = disk.get();
      return replaceAfter(DISK_PAUSE);
    }
    String deadLetter = deadLetterFailure.get();
    return deadLetter == null
        ? stopped(thrown, thrown)
        : stopped(new StreamsException(deadLetter), thrown);
  }

  /**
   * Ends the job.
   *
   * @param reason what its process says
   * @param thrown what Kafka Streams logs the stack trace of
   */
  private StreamThreadExceptionResponse stopped(Throwable reason, Throwable thrown) {
    LOG.error("ingest stopped: reason={}", Reasons.of(reason));
    if (reason != thrown) {
      reason.addSuppressed(thrown);
    }
    failure = reason;
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  /** Each try costs the group a rebalance. A job that is closed meanwhile does not wait. */
  private StreamThreadExceptionResponse replaceAfter(Duration pause) {
    try {
      return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)
          ? StreamThreadExceptionResponse.SHUTDOWN_CLIENT
          : StreamThreadExceptionResponse.REPLACE_THREAD;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
  }

  private static boolean isPassing(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      if (each instanceof RetriableException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Without leaving, the group would hold the partitions back for a session timeout, from the next
   * start of this instance as from others.
   */
  private static CloseOptions leaving() {
    return CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
        .withTimeout(CLOSE_TIMEOUT);
  }

  /** Ends ingest, then HTTP. What is not durable yet is read from the topic at the next start. */
  @Override
  public void close() {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    closing.countDown();
    try {
      // First, or a thread that waits for the registry would never look up.
      decoders.close();
    } catch (IOException e) {
      LOG.warn("cannot close the registry's client", e);
    }
    parts.close();
    try {
      registry.close();
    } catch (IOException e) {
      LOG.warn("cannot close the registry's client", e);
    }
    metrics.close();
    ended.countDown();
  }
}
