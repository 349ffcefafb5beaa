package io.walstrata.ingest.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.Ports;
import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.harness.servers.SharedServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code docker-compose.yml} starts, started without Docker: each service's command, word for
 * word, with its environment, on real servers. Only names of hosts, ports and directories are
 * changed for those of this machine.
 */
class ComposeIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ComposeFile compose = ComposeFile.read(ROOT.resolve("docker-compose.yml"));
  private final Dockerfile image = Dockerfile.read(Path.of("Dockerfile"));
  private final Map<String, String> changed = new LinkedHashMap<>();
  private final List<Process> processes = new ArrayList<>();

  @TempDir Path directory;

  ComposeIT() throws IOException {}

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process each : processes) {
      each.destroyForcibly().waitFor();
    }
  }

  private String change(String word) {
    String here = word;
    for (Map.Entry<String, String> each : changed.entrySet()) {
      here = here.replace(each.getKey(), each.getValue());
    }
    return here;
  }

  private List<String> command(String service) {
    return compose.command(service).stream().map(this::change).toList();
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }

  private Process start(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log(name).toFile());
    builder.environment().keySet().removeIf(each -> each.matches("WALSTRATA_.*|PG.*|JAVA_OPTS"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** Starts a service of our image: its entry point, then the service's command. */
  private Process startOurs(String service) throws IOException {
    List<String> command = new ArrayList<>();
    for (String word : image.last("ENTRYPOINT").words()) {
      command.add(Path.of("bin").resolve(word).toAbsolutePath().toString());
    }
    command.addAll(command(service));
    Map<String, String> environment = new HashMap<>(compose.environment(service));
    environment.put("WALSTRATA_BUILD", "never");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    return start(service, command, environment);
  }

  /** Runs the tool that kafka-topics.sh runs, twice: a service that fails is started again. */
  private void createTopic(BrokerServer broker) throws Exception {
    List<String> words = command("topics");
    assertThat(words.get(0)).endsWith("/kafka-topics.sh");
    List<String> command = new ArrayList<>();
    String classPath = Distribution.locate().brokerClassPath();
    command.addAll(List.of(Distribution.java(), "-cp", classPath));
    command.add("org.apache.kafka.tools.TopicCommand");
    command.addAll(words.subList(1, words.size()));
    for (int run = 0; run < 2; run++) {
      Process topics = start("topics", command, Map.of());
      assertThat(topics.waitFor()).as(Files.readString(log("topics"))).isZero();
    }
    try (Admin admin = broker.admin()) {
      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "wal");
      var config =
          Objects.requireNonNull(
              admin.describeConfigs(List.of(topic)).all().get(10, TimeUnit.SECONDS).get(topic));
      assertThat(config.get("retention.ms").value()).isEqualTo("-1");
      assertThat(config.get("max.message.bytes").value())
          .isEqualTo(Integer.toString(BrokerServer.MESSAGE_MAX_BYTES));
    }
  }

  /**
   * Starts PostgreSQL as its image does: initdb, the scripts of {@code
   * /docker-entrypoint-initdb.d}, then the service's command.
   */
  private PostgresServer startPostgres() throws Exception {
    PostgresServer postgres =
        PostgresServer.bundled(Distribution.locate(), directory.resolve("postgres"));
    Map<String, String> environment = compose.environment("postgres");
    postgres.start();
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet version = statement.executeQuery("show server_version")) {
      version.next();
      assertThat(compose.service("postgres").get("image"))
          .as("the version that the tests run with")
          .isEqualTo("postgres:" + version.getString(1).replaceFirst(" .*", ""));
      assertThat(compose.service("workload").get("image"))
          .isEqualTo(compose.service("postgres").get("image"));
      statement.execute(
          "alter role postgres password '" + environment.get("POSTGRES_PASSWORD") + "'");
      for (Map.Entry<String, String> each : compose.volumes("postgres").entrySet()) {
        if (each.getValue().startsWith("/docker-entrypoint-initdb.d/")) {
          statement.execute(sqlOf(ROOT.resolve(each.getKey()).normalize(), environment));
        }
      }
    }
    postgres.stop();
    List<String> words = compose.command("postgres");
    assertThat(words.get(0)).isEqualTo("postgres");
    for (int i = 1; i < words.size(); i += 2) {
      assertThat(words.get(i)).isEqualTo("-c");
      String[] setting = words.get(i + 1).split("=", 2);
      postgres.withSetting(setting[0], mounted("postgres", setting[1]));
    }
    postgres.launch();
    await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> sql(postgres, "select 1"));
    return postgres;
  }

  /** Returns a readable copy of the file that a container has at that place, or the text itself. */
  private String mounted(String service, String place) throws IOException {
    for (Map.Entry<String, String> each : compose.volumes(service).entrySet()) {
      if (each.getValue().equals(place)) {
        Path copy = Files.createTempFile("walstrata-", ".mounted");
        copy.toFile().deleteOnExit();
        Files.write(copy, Files.readAllBytes(ROOT.resolve(each.getKey()).normalize()));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        return copy.toString();
      }
    }
    return place;
  }

  /** Runs a script with a psql that writes its input down, and returns that. */
  private String sqlOf(Path script, Map<String, String> environment) throws Exception {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Path psql = bin.resolve("psql");
    Path said = directory.resolve("psql.args");
    Files.writeString(psql, "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + said + "'\nexec cat\n");
    assertThat(psql.toFile().setExecutable(true)).isTrue();
    Map<String, String> all = new HashMap<>(environment);
    all.put("PATH", bin + ":" + System.getenv("PATH"));
    Process process = start("init", List.of("bash", script.toString()), all);
    assertThat(process.waitFor()).as(Files.readString(log("init"))).isZero();
    String password = environment.get("REPLICATION_PASSWORD");
    assertThat(Files.readAllLines(said))
        .contains("ON_ERROR_STOP=1", "password=" + password, environment.get("POSTGRES_USER"));
    return Files.readString(log("init")).replace(":'password'", "'" + password + "'");
  }

  private String sql(PostgresServer postgres, String statement) throws SQLException {
    String url =
        "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres?user=postgres&password=";
    try (Connection connection =
            DriverManager.getConnection(
                url + compose.environment("postgres").get("POSTGRES_PASSWORD"));
        Statement run = connection.createStatement()) {
      if (!run.execute(statement)) {
        return "";
      }
      try (ResultSet result = run.getResultSet()) {
        return result.next() ? String.valueOf(result.getString(1)) : "";
      }
    }
  }

  /** A job in what stands for its container: its port and its directories. */
  private final class Job {
    final int port = Ports.free();
    final Process process;
    private final String name;

    Job(String name) throws IOException {
      this.name = name;
      Map<String, String> before = new LinkedHashMap<>(changed);
      changed.put("=" + image.last("EXPOSE").arguments(), "=" + port);
      changed.put("0.0.0.0", "127.0.0.1");
      for (String place : compose.volumes(name).values()) {
        changed.put(place, directory.resolve(name + place).toString());
      }
      process = startOurs(name);
      changed.clear();
      changed.putAll(before);
    }

    /** Runs what Docker runs to learn whether a container is healthy. */
    boolean isHealthy() throws Exception {
      List<String> test =
          ComposeFile.strings(
              ComposeFile.map(compose.service(name).get("healthcheck")).get("test"));
      assertThat(test).containsExactly("CMD", image.last("HEALTHCHECK").words().get(0));
      assertThat(process.isAlive()).as(Files.readString(log(name))).isTrue();
      Process check =
          start(
              "healthcheck",
              List.of(Path.of("docker", test.get(1)).toAbsolutePath().toString()),
              Map.of("WALSTRATA_HTTP_PORT", Integer.toString(port)));
      assertThat(check.waitFor(5, TimeUnit.SECONDS)).isTrue();
      return check.exitValue() == 0;
    }

    JsonNode get(String path) throws Exception {
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                  HttpResponse.BodyHandlers.ofString());
      return JSON.readTree(response.body());
    }
  }

  @Test
  void servicesDoTheirWork_withTheCommandsOfTheFile() throws Exception {
    BrokerServer broker = SharedServers.broker();
    changed.put("kafka:9092", broker.bootstrapServers());
    changed.put("http://registry:8081", SharedServers.registry().url());
    String kafka = Objects.toString(compose.service("kafka").get("image"));
    assertThat(compose.service("topics").get("image")).isEqualTo(kafka);
    assertThat(Distribution.locate().root().resolve("lib"))
        .as("the version that the tests run with")
        .isDirectoryContaining(
            "glob:**/" + kafka.replace("apache/kafka:", "kafka-clients-") + ".jar");
    createTopic(broker);
    try (PostgresServer postgres = startPostgres()) {
      changed.put("postgres:5432", "127.0.0.1:" + postgres.port());
      Process producer = startOurs("producer");
      Map<String, Job> jobs = new TreeMap<>();
      for (String name : List.of("job-1", "job-2")) {
        jobs.put(name, new Job(name));
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(producer.isAlive()).as(Files.readString(log("producer"))).isTrue();
                String slots = "select active from pg_replication_slots";
                assertThat(sql(postgres, slots + " where slot_name = 'walstrata'")).isEqualTo("t");
              });
      assertThat(sql(postgres, "select usename from pg_stat_replication")).isEqualTo("walstrata");
      assertThat(sql(postgres, "select rolsuper from pg_roles where rolname = 'walstrata'"))
          .isEqualTo("f");
      sql(postgres, "create table orders as select g from generate_series(1, 1000) g");
      String[] path = sql(postgres, "select pg_relation_filepath('orders')").split("/", -1);
      String key = "1663." + path[1] + "." + path[2] + ".0.0";

      for (Job job : jobs.values()) {
        await().atMost(PATIENCE).until(job::isHealthy);
      }
      // Whoever has the partition: the other one asks it.
      for (Job job : jobs.values()) {
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .untilAsserted(
                () -> {
                  String timeline = job.get("/v1/timelines").at("/timelines/0/timeline").asText();
                  JsonNode page = job.get("/v1/timelines/" + timeline + "/pages/" + key);
                  assertThat(page.has("records")).as(page.toString()).isTrue();
                });
      }
      for (Job job : jobs.values()) {
        job.process.destroy();
        assertThat(job.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(job.process.exitValue()).isEqualTo(128 + 15);
      }
      producer.destroy();
      assertThat(producer.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }
}
