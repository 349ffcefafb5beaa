package io.walstrata.harness.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers keep their data over restarts and kills, and no process stays. */
class ServersIT {
  private final Distribution distribution = Distribution.locate();

  @TempDir Path folder;
  private List<ProcessHandle> runningBefore = List.of();

  @BeforeEach
  void seeWhatRuns() {
    runningBefore = ProcessHandle.current().descendants().toList();
  }

  @BeforeEach
  void letOtherUsersThrough() throws IOException {
    // Else PostgreSQL, as another user than root, would get a home elsewhere, which only close()
    // removes.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Test
  void broker_keepsItsTopicsOverKill() throws Exception {
    try (BrokerServer broker = new BrokerServer(distribution, folder.resolve("broker"))) {
      broker.start();
      String address = broker.bootstrapServers();
      broker.createTopic("t", 3, Map.of());
      broker.kill();
      assertThat(broker.isRunning()).isFalse();
      broker.start();
      assertThat(topics(broker)).contains("t");
      assertThat(broker.bootstrapServers()).isEqualTo(address);
    }
    assertNothingRuns();
  }

  /** A broker that is deleting topics is late with new ones: about one in twelve was not there. */
  @Test
  void topic_isThereWhenCreateReturns() throws Exception {
    try (BrokerServer broker = new BrokerServer(distribution, folder.resolve("broker"))) {
      broker.start();
      try (Admin admin = broker.admin()) {
        for (int i = 0; i < 60; i++) {
          List<String> topics = List.of("t-" + i, "other-" + i);
          broker.createTopic(topics.get(0), 1, Map.of());
          broker.createTopic(topics.get(1), 4, Map.of());
          assertThat(
                  admin
                      .describeTopics(topics)
                      .allTopicNames()
                      .get(30, TimeUnit.SECONDS)
                      .get(topics.get(1))
                      .partitions())
              .hasSize(4);
          admin.deleteTopics(topics).all().get(30, TimeUnit.SECONDS);
        }
      }
    }
    assertNothingRuns();
  }

  private static Iterable<String> topics(BrokerServer broker) throws Exception {
    try (Admin admin = broker.admin()) {
      return admin.listTopics().names().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void registry_keepsIdsOverKill() throws Exception {
    try (RegistryServer registry = new RegistryServer(distribution, folder.resolve("registry"))) {
      registry.start();
      String schema =
          "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"A\\\",\\\"fields\\\":[]}\"}";
      HttpResponse<String> registered =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(registry.url() + "/subjects/s/versions"))
                      .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                      .POST(HttpRequest.BodyPublishers.ofString(schema))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(registered.body()).isEqualTo("{\"id\":1}");
      registry.kill();
      registry.start();
      assertThat(schemaOne(registry)).contains("record");
    }
    assertNothingRuns();
  }

  private static String schemaOne(RegistryServer registry) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(registry.url() + "/schemas/ids/1")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void postgres_keepsRowsOverRestartAndKill() throws Exception {
    Path place = folder.resolve("postgres");
    try (PostgresServer postgres = PostgresServer.bundled(distribution, place)) {
      postgres.start();
      try (Connection connection = postgres.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("create table t as select 7 as x");
      }
      postgres.restart();
      assertThat(rows(postgres)).isEqualTo(1);
      postgres.kill();
      postgres.start();
      assertThat(rows(postgres)).isEqualTo(1);
      String owner = Files.getOwner(postgres.dataDirectory().resolve("postmaster.pid")).getName();
      assertThat(owner).isNotEqualTo("root");
    }
    assertNothingRuns();
  }

  private static int rows(PostgresServer postgres) throws Exception {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select count(*) from t")) {
      result.next();
      return result.getInt(1);
    }
  }

  @Test
  void server_thatCannotStart_namesItsLog() {
    Map<String, String> bad = Map.of("log.retention.ms", "soon");
    try (BrokerServer broker = new BrokerServer(distribution, folder, bad)) {
      assertThatThrownBy(broker::start)
          .isInstanceOf(ServerException.class)
          .hasMessageContaining(folder.resolve("broker.log").toString())
          .hasMessageContaining("log.retention.ms");
    }
    assertNothingRuns();
  }

  /** The parent is killed with SIGKILL: it can clean up nothing itself. */
  @Test
  void servers_endWhenTheirParentIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                Distribution.java(),
                "-D" + Distribution.PROPERTY + "=" + distribution.root(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("parent.log").toFile())
            .start();
    Path ready = folder.resolve("ready");
    for (int i = 0; i < 600 && parent.isAlive() && !Files.exists(ready); i++) {
      Thread.sleep(100);
    }
    assertThat(ready).as(Files.readString(folder.resolve("parent.log"))).exists();
    List<ProcessHandle> children = parent.descendants().toList();
    // Two servers, a watcher and its cat for each, and what PostgreSQL starts.
    assertThat(children).hasSizeGreaterThan(6);
    parent.destroyForcibly().waitFor();
    for (int i = 0; i < 200 && children.stream().anyMatch(ProcessHandle::isAlive); i++) {
      Thread.sleep(100);
    }
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }

  /** Starts servers, makes a file that shows it, and waits for its end. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] args) throws Exception {
      Path folder = Path.of(args[0]);
      Distribution distribution = Distribution.locate();
      new BrokerServer(distribution, folder.resolve("broker")).start();
      PostgresServer.bundled(distribution, folder.resolve("postgres")).start();
      Files.createFile(folder.resolve("ready"));
      Thread.sleep(TimeUnit.HOURS.toMillis(1));
    }
  }

  /** Besides the servers that other tests share. */
  private void assertNothingRuns() {
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
        .isSubsetOf(runningBefore);
  }
}
