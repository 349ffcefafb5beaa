package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.harness.servers.RegistryServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.backup.BackupSink;
import io.walstrata.postgres.backup.DirectoryFiles;
import io.walstrata.postgres.backup.FilesBackup;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.redo.Masks;
import io.walstrata.postgres.redo.PostgresRedo;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalTombstone;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A base backup of a real PostgreSQL, its WAL after it, and the pages that both give. */
class BaseBackupIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir static Path folder;

  private static BrokerServer broker;
  private static RegistryServer registry;
  private static PostgresServer postgres;

  @BeforeAll
  static void startServers() throws Exception {
    broker = SharedServers.broker();
    registry = SharedServers.registry();
    // Its own: the test stops it and reads its files.
    postgres =
        PostgresServer.bundled(Distribution.locate(), folder.resolve("postgres"))
            .withInitdbArgument("--wal-segsize=1")
            .withSetting("max_prepared_transactions", "5")
            .withSetting("autovacuum", "off")
            .withSetting("full_page_writes", "on");
    postgres.start();
    sql(
        "create table still (id int primary key, v text)",
        "insert into still select g, repeat('x', 100) from generate_series(1, 5000) g",
        "create table busy (id int primary key, v text)",
        "insert into busy select g, repeat('y', 100) from generate_series(1, 5000) g",
        "create unlogged table unlogged (id int)",
        "insert into unlogged select generate_series(1, 1000)",
        "create table empty_one (id int)",
        "vacuum freeze still",
        "begin; insert into busy values (-1, 'prepared'); prepare transaction 'held'",
        "checkpoint");
  }

  @AfterAll
  static void stopServers() {
    postgres.close();
  }

  private static Map<String, String> settings(String topic) {
    Map<String, String> settings = new HashMap<>();
    settings.put("bootstrap.servers", broker.bootstrapServers());
    settings.put("schema.registry.url", registry.url());
    settings.put("topic", topic);
    settings.put("create-topic", "true");
    settings.put("batch-bytes", "65536");
    return settings;
  }

  private static Map<String, String> withServer(Map<String, String> settings) {
    settings.put("url", postgres.jdbcUrl());
    settings.put("slot", "walstrata");
    settings.put("create-slot", "true");
    return settings;
  }

  private static void sql(String... statements) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }

  private static String ask(String query) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return String.valueOf(result.getString(1));
    }
  }

  private static void succeeds(ProducerHandle producer) throws InterruptedException {
    assertThat(producer.await(PATIENCE)).isTrue();
    assertThat(producer.failure()).isEmpty();
  }

  private static TimelineId timeline() throws SQLException {
    String id = ask("select system_identifier from pg_control_system()");
    return new TimelineId(Long.parseUnsignedLong(id), 0);
  }

  private static TopicContents read(String topic, TimelineId timeline) {
    return TopicContents.read(broker.bootstrapServers(), registry.url(), topic, timeline);
  }

  @Test
  void everyPage_canBeRead_afterABackupThatWasInterruptedAndTheWalAfterIt() throws Exception {
    String topic = "backup-live";
    Map<String, String> slow = withServer(settings(topic));
    slow.put("rate", "1500");
    try (ProducerHandle first = BaseBackupProducer.start(slow)) {
      await().atMost(PATIENCE).until(() -> first.progress().messages() > 20);
      sql("update busy set v = 'changed while it was copied' where id % 7 = 0");
    }
    TimelineId timeline = timeline();
    TopicContents part = read(topic, timeline);
    Lsn start = lsnOf(part);
    assertThat(part.claim).isEqualTo(Lsn.of(start.value() - 1));

    try (ProducerHandle wal = PostgresProducer.start(withServer(settings(topic)))) {
      assertThat(wal.await(PATIENCE)).isTrue();
      assertThat(wal.failure())
          .hasValueSatisfying(
              e -> assertThat(e).hasMessageContaining("base backup that is not complete"));
    }
    sql("update busy set v = 'changed before the second run' where id % 11 = 0", "checkpoint");
    ProducerHandle second = BaseBackupProducer.start(withServer(settings(topic)));
    try (second) {
      sql("insert into busy select g, 'new' from generate_series(10000, 12000) g");
      succeeds(second);
    }
    assertThat(second.ending())
        .hasValueSatisfying(e -> assertThat(e).contains("startLsn=" + start));
    TopicContents whole = read(topic, timeline);
    assertThat(whole.faults).isEmpty();
    assertThat(whole.claim).isEqualTo(start);
    assertThat(whole.changes).startsWith(part.changes.toArray(String[]::new));
    try (ProducerHandle third = BaseBackupProducer.start(withServer(settings(topic)))) {
      succeeds(third);
      assertThat(third.progress().messages()).isZero();
    }

    Map<Long, Rmgr> changed = streamAndStop(topic);
    TopicContents all = read(topic, timeline);
    assertThat(all.faults).isEmpty();
    comparePages(all, timeline, start, changed);
  }

  private static Lsn lsnOf(TopicContents contents) {
    WalBatch batch = (WalBatch) contents.messages.get(0);
    return Lsn.of(batch.getEntries().get(0).getLsn());
  }

  /**
   * Streams what comes after the backup, and stops the server.
   *
   * @return the file numbers of relations that changed, and whose pages they have
   */
  private static Map<Long, Rmgr> streamAndStop(String topic) throws Exception {
    Map<Long, Rmgr> changed = new HashMap<>();
    try (ProducerHandle wal = PostgresProducer.start(withServer(settings(topic)))) {
      sql(
          "delete from busy where id % 5 = 0",
          "create table later as select g as id from generate_series(1, 2000) g",
          "commit prepared 'held'",
          "checkpoint");
      Lsn flushed = Lsn.parse(ask("select pg_current_wal_flush_lsn()"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(wal.failure()).isEmpty();
                assertThat(wal.progress().ackedLsn()).isGreaterThanOrEqualTo(flushed);
              });
      changed.put(fileNumber("busy"), Rmgr.HEAP);
      changed.put(fileNumber("later"), Rmgr.HEAP);
      changed.put(fileNumber("busy_pkey"), Rmgr.BTREE);
      postgres.stop(); // A fast shutdown: it waits for the producer to have all of the log.
    }
    return changed;
  }

  private static long fileNumber(String relation) throws SQLException {
    return Long.parseLong(ask("select pg_relation_filenode('" + relation + "')"));
  }

  /** Pages of the stopped server's files are what the topic gives. */
  private static void comparePages(
      TopicContents contents, TimelineId timeline, Lsn start, Map<Long, Rmgr> changed)
      throws Exception {
    Map<PageKey, byte[]> files = filesOf(postgres.dataDirectory());
    try (LayerStore store =
        LayerStore.open(
            LayerHomes.partition(folder.resolve("home")),
            folder.resolve("ephemeral"),
            LayerStoreOptions.DEFAULTS.withRedo(new PostgresRedo()))) {
      LayerWriter writer = store.claim();
      long offset = 0;
      for (SpecificRecord message : contents.messages) {
        put(writer, offset++, timeline, message);
        if (offset % 50 == 0) {
          writer.freeze(offset - 1); // Many layers have the backup's LSN.
        }
      }
      assertBounds(store, timeline, start);
      int unchanged = 0;
      int redone = 0;
      for (Map.Entry<PageKey, byte[]> file : files.entrySet()) {
        if (isUnchanged(store, timeline, start, file.getKey(), file.getValue())) {
          unchanged++;
        } else {
          redone += isRedone(store, timeline, changed, file.getKey(), file.getValue()) ? 1 : 0;
        }
      }
      assertThat(redone).isGreaterThan(100);
      assertThat(unchanged).isGreaterThan(500);
      writer.close();
    }
  }

  private static void assertBounds(LayerStore store, TimelineId timeline, Lsn start)
      throws Exception {
    byte[] value =
        store
            .get(timeline, PgKeys.BASE_BACKUP, store.timelines().get(0).lastLsn())
            .base()
            .value()
            .bytes();
    assertThat(LittleEndian.i64(value, 0)).isEqualTo(start.value());
    assertThat(Lsn.of(LittleEndian.i64(value, 8))).isGreaterThan(start);
  }

  /**
   * Returns whether a page has not changed since the backup, and then is what the server has. A
   * free space map is not logged, and a page that was only added to a file is in no record.
   */
  private static boolean isUnchanged(
      LayerStore store, TimelineId timeline, Lsn start, PageKey key, byte[] file) throws Exception {
    boolean isPage = key.kind() < 3 && key.block() != PgKeys.SIZE_BLOCK;
    if (!isPage || key.fork() == PgKeys.FSM_FORK || isZero(file)) {
      return false;
    }
    PageRead read = store.page(timeline, key, null, ReadLimit.NONE);
    assertThat(read.newestLsn()).as(key.describe()).isNotNull();
    if (!start.equals(read.newestLsn())) {
      return false;
    }
    assertThat(read.result())
        .as(key.describe())
        .isInstanceOfSatisfying(
            RedoResult.Page.class, page -> assertThat(page.bytes()).isEqualTo(file));
    return true;
  }

  /**
   * Returns whether a page is one of those that changed since the backup, and then is what the
   * server has, but for what it changes without a record.
   */
  private static boolean isRedone(
      LayerStore store, TimelineId timeline, Map<Long, Rmgr> changed, PageKey key, byte[] file)
      throws Exception {
    Rmgr manager = changed.get(key.rel());
    boolean isPage = key.kind() == 0 && key.block() != PgKeys.SIZE_BLOCK;
    if (!isPage || manager == null || key.fork() != PgKeys.MAIN_FORK || isZero(file)) {
      return false;
    }
    RedoResult result = store.page(timeline, key, null, ReadLimit.NONE).result();
    assertThat(result)
        .as(key.describe())
        .isInstanceOfSatisfying(
            RedoResult.Page.class,
            page -> {
              assertThat(new Page(page.bytes()).lsn()).isEqualTo(new Page(file).lsn());
              Masks.apply(manager.id(), key.fork(), key.block(), page.bytes());
              Masks.apply(manager.id(), key.fork(), key.block(), file);
              assertThat(page.bytes()).isEqualTo(file);
            });
    return true;
  }

  private static boolean isZero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static Map<PageKey, byte[]> filesOf(Path directory) throws Exception {
    Map<PageKey, byte[]> files = new LinkedHashMap<>();
    FilesBackup.of(new DirectoryFiles(directory))
        .copyTo(
            new BackupSink() {
              @Override
              public void put(PageKey key, byte[] value) {
                files.put(key, value);
              }

              @Override
              public void fileDone() {}

              @Override
              public void warn(String sentence) {
                throw new AssertionError(sentence);
              }

              @Override
              public void unrepresentable(String path, UnrepresentableKeyException e) {
                throw new AssertionError(path, e);
              }
            },
            null);
    return files;
  }

  private static void put(
      LayerWriter writer, long offset, TimelineId timeline, SpecificRecord message)
      throws Exception {
    if (message instanceof WalTombstone tombstone) {
      writer.tombstone(
          offset,
          timeline,
          new KeyRange(
              PageKey.read(tombstone.getStartKey().bytes(), 0),
              PageKey.read(tombstone.getEndKey().bytes(), 0)),
          Lsn.of(tombstone.getLsn()));
    } else if (message instanceof WalBatch batch) {
      for (WalBatchEntry entry : batch.getEntries()) {
        byte[] value = new byte[entry.getLength()];
        batch.getRaw().duplicate().position(entry.getOffset()).get(value);
        writer.put(
            offset,
            timeline,
            PageKey.read(entry.getKey().bytes(), 0),
            Lsn.of(entry.getLsn()),
            new Value(ValueKind.of(entry.getFlags()), value));
      }
    }
  }
}
