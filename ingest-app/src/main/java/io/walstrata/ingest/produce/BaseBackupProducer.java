package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ProduceProgress.State;
import io.walstrata.ingest.produce.ReplicationConnection.Address;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.postgres.backup.BackupBounds;
import io.walstrata.postgres.backup.BackupException;
import io.walstrata.postgres.backup.BaseBackup;
import io.walstrata.postgres.backup.DirectoryFiles;
import io.walstrata.postgres.backup.FilesBackup;
import io.walstrata.postgres.backup.TarBackup;
import io.walstrata.postgres.wal.ControlFile;
import io.walstrata.postgres.wal.PgKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes every page of a cluster into a WAL topic, as images at the LSN from which on the WAL is
 * needed: the beginning of a timeline, which {@link PostgresProducer} or {@link WalFilesProducer}
 * continues. Resumes after the last version that the topic holds.
 */
public final class BaseBackupProducer extends ProducerRun {
  /*
   * Until the backup is complete its messages claim the LSN before its start, so that a later run
   * finds the last message without reading the topic, and a producer of WAL sees that the backup is
   * not complete. The last message claims the start, and there a producer of WAL continues.
   *
   * A backup of a running server cannot be resumed, as it ends with its connection. But a page that
   * is read later is as good as one that is read sooner: redo from the same start leaves out what is
   * in it, and an image in the WAL repairs a torn one, as each backup begins with a checkpoint. So a
   * later run starts another backup, reads the pages that are missing, and keeps the first start.
   */
  static final String FROM = "from";
  static final String RATE = "rate";

  private static final Logger LOG = LoggerFactory.getLogger(BaseBackupProducer.class);
  private static final int CONTROL_FILE_ATTEMPTS = 5;

  private final Optional<Path> from;
  private final Optional<Address> server;
  private final Optional<String> slot;
  private volatile @Nullable Copying copying;
  private volatile @Nullable String ending;

  private BaseBackupProducer(ProduceConfig config) {
    super("produce-base-backup", config);
    from = config.optional(FROM).map(Path::of);
    server = config.optional(PostgresSettings.URL).map(url -> PostgresSettings.address(config));
    slot = PostgresSettings.slot(config);
    if (from.isPresent() == server.isPresent()) {
      throw ProduceException.settings("set one of from and url: the source of the pages");
    }
    if (slot.isPresent() && from.isPresent()) {
      throw ProduceException.settings("a slot is on a running server: set url, or leave out slot");
    }
  }

  /** What exists once the position is known. */
  private record Copying(KafkaTarget target, TimelineWriter writer, BackupWriter sink, long goal) {}

  /** Returns the settings: names, types, defaults, documentation. */
  public static ConfigDef settings() {
    return PostgresSettings.withPasswordAndSlot(
            PostgresSettings.withTimeline(ProduceConfig.definition()))
        .define(
            FROM,
            ConfigDef.Type.STRING,
            null,
            Importance.HIGH,
            "A plain base backup, the data directory of a stopped server, or the base.tar of a"
                + " backup in tar files, compressed or not, with its tablespaces beside it.")
        .define(
            PostgresSettings.URL,
            ConfigDef.Type.STRING,
            null,
            Importance.HIGH,
            "Instead of from: a running PostgreSQL 15 to 18, jdbc:postgresql://host:port/database,"
                + " whose files are read over SQL.")
        .define(
            PostgresSettings.USER,
            ConfigDef.Type.STRING,
            null,
            Importance.HIGH,
            "A superuser, or a member of pg_read_server_files that may execute the functions for"
                + " backups and files.")
        .define(
            RATE,
            ConfigDef.Type.LONG,
            0,
            Range.atLeast(0),
            Importance.MEDIUM,
            "Versions per second, most of which are pages of 8 KiB. 0: as fast as possible.");
  }

  /**
   * Starts a producer. Returns at once: whether the files, Kafka and the registry can be used shows
   * later.
   *
   * @param settings by the names of {@link #settings}, and {@code producer.*}, {@code consumer.*},
   *     {@code registry.*} for Kafka's and the registry's clients
   * @throws ProduceException if a setting is unknown, missing or wrong
   */
  public static ProducerHandle start(Map<String, String> settings) {
    ProduceConfig config = ProduceConfig.of(settings(), settings);
    config.timeline(PostgresSettings.TIMELINE);
    BaseBackupProducer producer = new BaseBackupProducer(config);
    producer.start();
    return producer;
  }

  @Override
  void work(TopicSession session) {
    try {
      if (from.isPresent()) {
        readFiles(session, from.get());
      } else {
        readServer(session, server.orElseThrow());
      }
    } catch (BackupWriter.StoppedException e) {
      LOG.info("stopped, a later run resumes: sent={}", progress().versions());
    } catch (BackupException e) {
      throw new ProduceException(ProduceException.Reason.FAILED, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED, "cannot read the base backup: cause=" + e, e);
    }
  }

  private void readFiles(TopicSession session, Path path) throws IOException {
    if (!Files.exists(path)) {
      throw ProduceException.failed("no such file or directory: from=" + path);
    }
    try (BaseBackup backup =
        Files.isDirectory(path) ? FilesBackup.of(new DirectoryFiles(path)) : TarBackup.of(path)) {
      TimelineId timeline = timeline(backup.control());
      ResumePosition held = session.resume(timeline);
      if (!isThere(held, Optional.of(backup.bounds().startLsn()))) {
        copy(session, timeline, held, backup, backup::bounds);
      }
    }
  }

  private void readServer(TopicSession session, Address address) throws IOException {
    try (ServerFiles files = ServerFiles.open(address)) {
      TimelineId timeline = timeline(control(files));
      ResumePosition held = session.resume(timeline);
      if (isThere(held, Optional.empty())) {
        return;
      }
      if (config.flag(PostgresSettings.CREATE_SLOT)) {
        slot.ifPresent(files::createSlot);
      }
      Lsn started = files.startBackup();
      ControlFile control = control(files);
      Lsn start = held.backup().map(HeldBackup::startLsn).orElse(started);
      int number = control.position().timeline();
      requireSameServer(held, started, number);
      BackupBounds bounds = new BackupBounds(start, Lsn.INVALID, number, true);
      try (BaseBackup backup = FilesBackup.ofRunning(files, control, bounds)) {
        copy(
            session,
            timeline,
            held,
            backup,
            () -> new BackupBounds(start, files.stopBackup(), number, true));
      }
    }
  }

  /** Reads the control file, which the server may be writing at this moment. */
  private static ControlFile control(ServerFiles files) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return FilesBackup.control(files);
      } catch (BackupException e) {
        if (attempt == CONTROL_FILE_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static void requireSameServer(ResumePosition held, Lsn started, int number) {
    boolean isOther =
        held.backup().map(backup -> started.isBefore(backup.startLsn())).orElse(false)
            || held.postgresTimeline().orElse(number) != number;
    if (isOther) {
      throw ProduceException.failed(
          "the server is not in the state that the base backup in the topic was begun in, or was"
              + (" promoted: heldStart=" + held.backup().map(HeldBackup::startLsn).orElse(started))
              + (", start=" + started + ", heldTimeline=" + held.postgresTimeline().orElse(number))
              + (", timeline=" + Integer.toUnsignedString(number))
              + "; begin a timeline of its own with --timeline");
    }
  }

  private TimelineId timeline(ControlFile control) {
    return config
        .timeline(PostgresSettings.TIMELINE)
        .orElseGet(() -> new TimelineId(control.systemId(), 0));
  }

  /**
   * Returns whether the topic holds all of the backup.
   *
   * @param start of the backup, empty if any will do
   * @throws ProduceException if it holds anything else of the timeline
   */
  private boolean isThere(ResumePosition held, Optional<Lsn> start) {
    Optional<HeldBackup> backup = held.backup();
    if (backup.isEmpty() && held.isFound()) {
      throw ProduceException.failed(
          "a base backup must come before the WAL of its timeline, and the topic holds WAL already:"
              + (" topic=" + config.topic() + ", claim=" + held.claim())
              + start.map(lsn -> ", startLsn=" + lsn).orElse("")
              + "; write the base backup, and the WAL after it, to a timeline of its own with"
              + " --timeline");
    }
    if (backup.isEmpty()) {
      held.requireFoundOrNew(config.topic(), "use another --timeline");
      return false;
    }
    Lsn heldStart = backup.get().startLsn();
    if (!start.orElse(heldStart).equals(heldStart)) {
      throw ProduceException.failed(
          "the timeline in the topic begins with another base backup: topic="
              + (config.topic() + ", heldStart=" + heldStart)
              + start.map(lsn -> ", startLsn=" + lsn).orElse("")
              + "; resume with the same backup, or use another --timeline");
    }
    boolean isThere = !held.claim().isBefore(heldStart);
    if (isThere) {
      ending = "the topic holds the base backup already: startLsn=" + heldStart;
    }
    return isThere;
  }

  private void copy(
      TopicSession session,
      TimelineId timeline,
      ResumePosition held,
      BaseBackup backup,
      Supplier<BackupBounds> whole)
      throws IOException {
    BackupBounds bounds = backup.bounds();
    Lsn start = bounds.startLsn();
    Optional<HeldBackup> resumed = held.backup();
    if (!resumed.map(HeldBackup::order).orElse(backup.order()).equals(backup.order())) {
      throw ProduceException.failed(
          "the files are in another order than those that the topic was begun with: heldOrder="
              + (resumed.map(HeldBackup::order).orElse("") + ", order=" + backup.order())
              + "; resume with the same source, or use another --timeline");
    }
    Lsn before = Lsn.of(start.value() - 1);
    TimelineWriter writer =
        session.writer(
            timeline,
            held.withClaim(before),
            session.route(
                timeline, held, PostgresHeaders.ofBackup(bounds.timeline(), start, backup.order())),
            config.writerSettings(TimelineWriter.Style.BATCH));
    boolean skips = config.string(PostgresSettings.UNREPRESENTABLE).equals("skip");
    BackupWriter sink =
        new BackupWriter(writer, start, config.number(RATE), skips, this::isStopping);
    copying = new Copying(session.target(), writer, sink, backup.countVersions());
    @Nullable PageKey after = resumed.flatMap(HeldBackup::lastKey).orElse(null);
    LOG.info(
        "timeline={} topic={} partition={} startLsn={} resumesAfter={}",
        timeline,
        config.topic(),
        held.partition(),
        start,
        after == null ? "nothing" : after.describe());
    state(State.STREAMING);
    backup.copyTo(sink, after);
    finish(timeline, writer, whole.get(), after);
  }

  private void finish(
      TimelineId timeline, TimelineWriter writer, BackupBounds whole, @Nullable PageKey after) {
    Lsn start = whole.startLsn();
    if (!PgKeys.BASE_BACKUP.equals(after)) {
      writer.put(start, PgKeys.BASE_BACKUP, ValueKind.IMAGE, whole.toValue());
    }
    writer.complete(start);
    state(State.CLOSING);
    writer.flush();
    ending =
        "the topic holds every page: timeline="
            + (timeline + ", startLsn=" + start + ", consistentFrom=")
            + (whole.endLsn().isValid() ? whole.endLsn().toString() : "BACKUP_END in the WAL")
            + "; 'walstrata produce postgres' or 'wal-files' continues from startLsn by itself";
  }

  @Override
  public Optional<String> ending() {
    return Optional.ofNullable(ending);
  }

  @Override
  public ProduceProgress progress() {
    Copying parts = copying;
    if (parts == null) {
      return ProduceProgress.none(state());
    }
    TimelineWriter writer = parts.writer();
    return new ProduceProgress(
        state(),
        parts.sink().files(),
        writer.versions(),
        parts.goal(),
        0,
        writer.messages(),
        writer.bytes(),
        parts.target().outstanding(),
        parts.sink().lsn(),
        parts.sink().lsn(),
        writer.sentLsn(),
        writer.ackedLsn());
  }
}
