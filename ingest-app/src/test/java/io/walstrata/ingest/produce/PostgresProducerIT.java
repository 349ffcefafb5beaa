package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.harness.servers.RegistryServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.wal.WalPositions;
import io.walstrata.postgres.wal.WalReader;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.schemas.WalBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Producers on a real broker, registry and PostgreSQL, which do not stay up. */
class PostgresProducerIT {
  private static final int SEGMENT_BYTES = 1 << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir static Path folder;

  private static final Distribution DISTRIBUTION = Distribution.locate();
  private static BrokerServer broker;
  private static RegistryServer registry;
  private static PostgresServer postgres;

  @BeforeAll
  static void startServers() {
    broker = SharedServers.broker();
    registry = SharedServers.registry();
    // Its own: the test promotes it.
    postgres =
        PostgresServer.bundled(DISTRIBUTION, folder.resolve("postgres"))
            .withInitdbArgument("--wal-segsize=1")
            .withSetting("full_page_writes", "on");
    postgres.start();
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
    return settings;
  }

  private static Map<String, String> postgresSettings(String topic) {
    Map<String, String> settings = settings(topic);
    settings.put("url", postgres.jdbcUrl());
    settings.put("slot", "walstrata");
    settings.put("create-slot", "true");
    return settings;
  }

  /** The producer as a process of its own, to be killed. */
  private static Process startProcess(Map<String, String> settings, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(Distribution.java(), "-Xmx256m", "-cp", DISTRIBUTION.classPath()));
    command.addAll(
        List.of("io.walstrata.ingest.cli.Main", "produce", "postgres", "--status-s", "1"));
    settings.forEach((name, value) -> command.add("--" + name + "=" + value));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static void sql(String... statements) throws SQLException {
    sql(postgres, statements);
  }

  private static void sql(PostgresServer server, String... statements) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }

  private static String ask(String query) throws SQLException {
    return ask(postgres, query);
  }

  private static String ask(PostgresServer server, String query) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return String.valueOf(result.getString(1));
    }
  }

  private static void work(String table) throws SQLException {
    sql(
        "create table " + table + " (id int primary key, v text)",
        "insert into " + table + " select g, repeat('x', 200) from generate_series(1, 3000) g",
        "update " + table + " set v = 'y' where id % 3 = 0",
        "delete from " + table + " where id % 5 = 0",
        "vacuum " + table,
        "create table " + table + "_gone as select * from " + table,
        "drop table " + table + "_gone",
        "truncate " + table);
  }

  private static Lsn flushed() throws SQLException {
    return flushed(postgres);
  }

  private static Lsn flushed(PostgresServer server) throws SQLException {
    return Lsn.parse(ask(server, "select pg_current_wal_flush_lsn()"));
  }

  private static void awaitAcked(ProducerHandle producer, Lsn lsn) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(producer.failure()).isEmpty();
              assertThat(producer.progress().ackedLsn()).isGreaterThanOrEqualTo(lsn);
            });
  }

  @Test
  void topic_holdsTheServersLog_afterRestartsAKillAndPromotions() throws Exception {
    Lsn start = flushed();
    Map<String, String> settings = postgresSettings("stream");
    settings.put("start", start.toString());
    Path log = folder.resolve("producer.log");
    Process killed = startProcess(settings, log);
    try {
      work("a");
      await().atMost(PATIENCE).until(() -> slotIsBefore(start));
      postgres.restart();
      work("b");
      Lsn beforeKill = flushed();
      work("c");
      await().atMost(PATIENCE).until(() -> slotIsBefore(beforeKill));
    } catch (Throwable e) {
      throw new AssertionError("producer said: " + Files.readString(log), e);
    } finally {
      killed.destroyForcibly().waitFor();
    }
    work("d");
    promote(2); // What comes next for the producer is on a timeline that has ended.
    work("e");

    ProducerHandle producer = PostgresProducer.start(settings);
    try (producer) {
      awaitAcked(producer, flushed());
      promote(3); // Its timeline ends under it.
      work("f");
      sql("select pg_switch_wal()", "create table after_switch (x int)", "checkpoint");
      Lsn end = flushed();
      awaitAcked(producer, end);
      assertThat(producer.progress().tombstones()).isPositive();
      await().atMost(PATIENCE).until(() -> !slotLsn().isBefore(end));
      postgres.stop(); // A fast shutdown: it waits for the producer to have all of the log.
    }
    assertThat(producer.failure()).isEmpty();
    assertThat(producer.progress().ackedLsn()).isEqualTo(producer.progress().readLsn());

    TimelineId timeline = timelineOf("stream");
    TopicContents streamed = read("stream", timeline);
    List<String> expected = decode(start);
    assertThat(streamed.faults).isEmpty();
    assertThat(expected).hasSizeGreaterThan(10_000);
    assertSame(streamed.changes, expected);
    filesGiveTheSame(start, streamed, timeline);
  }

  private static boolean slotIsBefore(Lsn lsn) throws SQLException {
    return lsn.isBefore(slotLsn());
  }

  private static Lsn slotLsn() throws SQLException {
    String lsn =
        ask(
            "select coalesce(max(restart_lsn::text), '0/0') from pg_replication_slots"
                + " where slot_name = 'walstrata'");
    return Lsn.parse(lsn);
  }

  /** Stops the server, starts it as a standby without a primary and promotes it. */
  private static void promote(int timeline) throws Exception {
    postgres.stop();
    Files.createFile(postgres.dataDirectory().resolve("standby.signal"));
    postgres.start();
    assertThat(ask("select pg_is_in_recovery()")).isEqualTo("t");
    if (timeline == 3) { // The producer is to be connected when its timeline ends.
      await()
          .atMost(PATIENCE)
          .until(() -> ask("select count(*) from pg_stat_replication").equals("1"));
    }
    assertThat(ask("select pg_promote()")).isEqualTo("t");
    assertThat(ask("select pg_walfile_name(pg_current_wal_lsn())"))
        .startsWith("0000000" + timeline);
  }

  private static TimelineId timelineOf(String topic) {
    try (var consumer =
        new org.apache.kafka.clients.consumer.KafkaConsumer<>(
            Map.of("bootstrap.servers", (Object) broker.bootstrapServers()),
            new org.apache.kafka.common.serialization.ByteArrayDeserializer(),
            new org.apache.kafka.common.serialization.ByteArrayDeserializer())) {
      var partition = new org.apache.kafka.common.TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      return TimelineId.of(consumer.poll(Duration.ofSeconds(20)).records(partition).get(0).key());
    }
  }

  private static TopicContents read(String topic, TimelineId timeline) {
    return TopicContents.read(broker.bootstrapServers(), registry.url(), topic, timeline);
  }

  /** Decodes the server's own files, without any of the producers' code. */
  private static List<String> decode(Lsn start) throws IOException {
    WalReader reader = new WalReader(start, SEGMENT_BYTES);
    WalMapper mapper = new WalMapper();
    List<String> changes = new ArrayList<>();
    long segment = start.value() / SEGMENT_BYTES;
    for (Path file = segmentFile(segment); file != null; file = segmentFile(segment)) {
      reader.feed(Lsn.of(segment * SEGMENT_BYTES), Files.readAllBytes(file), 0, SEGMENT_BYTES);
      for (WalRecord next = reader.next(); next != null; next = reader.next()) {
        WalEffects effects = mapper.map(next);
        for (KeyRange range : effects.tombstones()) {
          changes.add(TopicContents.dropped(effects.lsn(), range));
        }
        for (PageVersion version : effects.versions()) {
          changes.add(
              TopicContents.put(
                  effects.lsn(), version.key(), version.value().kind(), version.value().bytes()));
        }
      }
      if (!reader.end().kind().isOpen()) {
        break;
      }
      segment++;
    }
    return changes;
  }

  /** The newest timeline's file of a segment, or null. */
  private static @Nullable Path segmentFile(long segment) {
    for (int timeline = 3; timeline > 0; timeline--) {
      Path file =
          postgres
              .dataDirectory()
              .resolve("pg_wal")
              .resolve(String.format("%08X%08X%08X", timeline, segment >>> 12, segment & 0xFFF));
      if (Files.exists(file)) {
        return file;
      }
    }
    return null;
  }

  private static void assertSame(List<String> actual, List<String> expected) {
    int common = Math.min(actual.size(), expected.size());
    for (int i = 0; i < common; i++) {
      assertThat(actual.get(i))
          .as("change %d of %d", i, expected.size())
          .isEqualTo(expected.get(i));
    }
    assertThat(actual).hasSize(expected.size());
  }

  /** The files go into a topic of their own the same way, and add nothing to that of the stream. */
  private static void filesGiveTheSame(Lsn start, TopicContents streamed, TimelineId timeline)
      throws Exception {
    Path archive = Files.createDirectory(folder.resolve("archive"));
    try (Stream<Path> files = Files.list(postgres.dataDirectory().resolve("pg_wal"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, archive.resolve(String.valueOf(file.getFileName())));
      }
    }
    Map<String, String> settings = settings("files");
    settings.put("start", start.toString());
    try (ProducerHandle producer = WalFilesProducer.start(settings, List.of(archive))) {
      assertThat(producer.await(PATIENCE)).isTrue();
      assertThat(producer.failure()).isEmpty();
      // What the last segment has room for is no log.
      assertThat(producer.progress().lagBytes()).isZero();
      assertThat(producer.ending())
          .hasValueSatisfying(e -> assertThat(e).startsWith("log ends at"));
    }
    TopicContents files = read("files", timeline);
    assertThat(files.faults).isEmpty();
    assertSame(files.changes, streamed.changes);
    assertThat(files.claim).isEqualTo(streamed.claim);

    try (ProducerHandle producer = WalFilesProducer.start(settings("stream"), List.of(archive))) {
      assertThat(producer.await(PATIENCE)).isTrue();
      assertThat(producer.failure()).isEmpty();
      assertThat(producer.progress().messages()).isZero();
    }
  }

  /** A server that has little to do, so that its log stays in a page, and gets another history. */
  @Test
  void claim_isTrueOfTheServersHistory_afterAPromotionInItsPage_andAfterARollback()
      throws Exception {
    PostgresServer server =
        PostgresServer.bundled(DISTRIBUTION, folder.resolve("rolled-back"))
            .withSetting("autovacuum", "off");
    try (server) {
      server.start();
      sql(server, "create table t (id int, v text)", "select pg_switch_wal()");
      Map<String, String> settings = settings("history");
      settings.put("url", server.jdbcUrl());
      settings.put("start", flushed(server).toString());
      server.stop();
      Files.createFile(server.dataDirectory().resolve("standby.signal"));
      server.start();
      sql(server, "select pg_promote()");

      Lsn claim = runUntil(settings, flushed(server));
      Path history = server.dataDirectory().resolve("pg_wal/00000002.history");
      Lsn promoted = Lsn.parse(Files.readString(history).split("\\s+")[1]);
      assertThat(promoted).isLessThan(claim);
      assertThat(WalPositions.pageStart(promoted)).isEqualTo(WalPositions.pageStart(claim));
      sql(server, "insert into t select g, 'shared' from generate_series(1, 100) g");
      assertThat(runUntil(settings, flushed(server))).isGreaterThan(claim);

      server.stop();
      Path data = server.dataDirectory();
      Path copy = data.resolveSibling("copy");
      run("cp", "-a", data.toString(), copy.toString());
      server.start();
      try (ProducerHandle producer = PostgresProducer.start(settings)) {
        sql(server, "insert into t select g, 'lost' from generate_series(1, 1000) g");
        awaitAcked(producer, flushed(server));
        server.stop();
        run("rm", "-rf", data.toString());
        run("mv", copy.toString(), data.toString());
        server.start(); // The producer is still there, and may connect at once.
        sql(server, "insert into t select g, 'other log' from generate_series(1, 2000) g");
        assertThat(producer.await(PATIENCE)).isTrue();
        assertOtherHistory(producer);
      }
      try (ProducerHandle producer = PostgresProducer.start(settings)) {
        assertThat(producer.await(PATIENCE)).isTrue();
        assertOtherHistory(producer);
      }
    }
  }

  private static Lsn runUntil(Map<String, String> settings, Lsn lsn) {
    ProducerHandle producer = PostgresProducer.start(settings);
    try (producer) {
      awaitAcked(producer, lsn);
    }
    assertThat(producer.failure()).isEmpty();
    return producer.progress().ackedLsn();
  }

  private static void assertOtherHistory(ProducerHandle producer) {
    assertThat(producer.failure()).isPresent();
    assertThat(producer.failure().get().reason()).isEqualTo(ProduceException.Reason.FAILED);
    assertThat(producer.failure().get()).hasMessageContaining("restored to an older state");
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void synthetic_resumesAndHoldsWhatCanBeComputed() throws Exception {
    Map<String, String> settings = settings("synthetic");
    settings.putAll(
        Map.of(
            "partitions", "3",
            "timelines", "5",
            "keys", "64",
            "versions-per-record", "4",
            "versions", "20000"));
    ProducerHandle first = SyntheticProducer.start(with(settings, "rate", "20000"));
    try (first) {
      await().atMost(PATIENCE).until(() -> first.progress().versions() > 3000);
    } // In the middle.
    assertThat(first.failure()).isEmpty();
    try (ProducerHandle producer = SyntheticProducer.start(settings)) {
      assertThat(producer.await(PATIENCE)).isTrue();
      assertThat(producer.failure()).isEmpty();
      assertThat(producer.progress().versions()).isBetween(1L, 17_000L);
    }
    SyntheticContent content = SyntheticProducer.content(settings);
    for (int index = 0; index < 5; index++) {
      TimelineId timeline = content.timeline(index);
      TopicContents contents = read("synthetic", timeline);
      assertThat(contents.faults).isEmpty();
      assertThat(contents.claim).isEqualTo(content.lsn(999));
      assertThat(contents.messages).hasAtLeastOneElementOfType(WalBatch.class);
      assertSame(contents.changes, expected(content, timeline, 4000));
    }
  }

  private static List<String> expected(
      SyntheticContent content, TimelineId timeline, long versions) {
    List<String> expected = new ArrayList<>();
    for (long version = 0; version < versions; version++) {
      Lsn lsn = content.lsn(version / content.versionsPerRecord());
      var key = content.key(timeline, version);
      expected.add(
          TopicContents.put(lsn, key, content.kind(version), content.value(timeline, key, lsn)));
    }
    return expected;
  }

  private static Map<String, String> with(Map<String, String> settings, String name, String value) {
    Map<String, String> changed = new HashMap<>(settings);
    changed.put(name, value);
    return changed;
  }
}
