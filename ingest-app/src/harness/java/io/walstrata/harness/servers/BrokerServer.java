package io.walstrata.harness.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A Kafka broker (KRaft, one node, controller included). */
public final class BrokerServer extends EmbeddedServer {
  /** Largest message the broker takes, in bytes: 16 MiB. */
  public static final int MESSAGE_MAX_BYTES = 16 << 20;

  private final Distribution distribution;
  private final Map<String, String> overrides;
  private int port;
  private int controllerPort;

  public BrokerServer(Distribution distribution, Path folder) {
    this(distribution, folder, Map.of());
  }

  /**
   * @param overrides broker properties that replace the defaults
   */
  public BrokerServer(Distribution distribution, Path folder, Map<String, String> overrides) {
    super("broker", folder);
    this.distribution = distribution;
    this.overrides = Map.copyOf(overrides);
    choosePorts();
  }

  /** Returns {@code bootstrap.servers} for clients; the same for the server's whole life. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Creates a topic with one replica and returns when the broker has it for every client. */
  public void createTopic(String topic, int partitions, Map<String, String> config) {
    try (Admin admin = admin()) {
      NewTopic newTopic = new NewTopic(topic, partitions, (short) 1).configs(config);
      admin.createTopics(List.of(newTopic)).all().get(30, TimeUnit.SECONDS);
      awaitTopic(admin, topic);
    } catch (ExecutionException e) {
      throw new ServerException("could not create topic=" + topic + ": " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while creating topic=" + topic, e);
    } catch (TimeoutException e) {
      throw new ServerException("no answer to creating topic=" + topic + ", log=" + logFile(), e);
    }
  }

  /** The controller has it first: for some milliseconds the broker answers that there is none. */
  private static void awaitTopic(Admin admin, String topic)
      throws ExecutionException, InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        admin.describeTopics(List.of(topic)).allTopicNames().get(30, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
      pause();
    }
  }

  /** Returns an admin client; the caller closes it. */
  public Admin admin() {
    return Admin.create(
        Map.of(
            "bootstrap.servers", bootstrapServers(),
            "request.timeout.ms", 10_000,
            "default.api.timeout.ms", 30_000));
  }

  @Override
  void choosePorts() {
    port = Ports.free();
    do {
      controllerPort = Ports.free();
    } while (controllerPort == port);
  }

  @Override
  void prepare() throws IOException {
    Map<String, String> properties = new TreeMap<>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    properties.put("log.dirs", data().toString());
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "4");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("transaction.state.log.num.partitions", "4");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    // A member of a test is killed often; its partitions should not wait 45 s.
    properties.put("group.min.session.timeout.ms", "1000");
    properties.put("message.max.bytes", Integer.toString(MESSAGE_MAX_BYTES));
    properties.put("replica.fetch.max.bytes", Integer.toString(MESSAGE_MAX_BYTES));
    properties.put("auto.create.topics.enable", "false");
    properties.put("controlled.shutdown.enable", "false");
    properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
    properties.putAll(overrides);
    StringBuilder text = new StringBuilder();
    properties.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    Files.writeString(propertiesFile(), text);
    copyResource("broker-log4j2.properties", folder().resolve("log4j2.properties"));
  }

  private static void copyResource(String name, Path target) throws IOException {
    try (var in = BrokerServer.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("resource missing from the jar, name=" + name);
      }
      Files.write(target, in.readAllBytes());
    }
  }

  private Path propertiesFile() {
    return folder().resolve("server.properties");
  }

  private Path data() {
    return folder().resolve("data");
  }

  @Override
  List<String> command() {
    return List.of(
        Distribution.java(),
        "-Xmx384m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dlog4j2.configurationFile=" + folder().resolve("log4j2.properties"),
        "-cp",
        distribution.brokerClassPath(),
        BrokerMain.class.getName(),
        propertiesFile().toString(),
        data().toString());
  }

  @Override
  boolean isReady() throws Exception {
    if (!Ports.isAccepting(port)) {
      return false;
    }
    try (Admin admin = admin()) {
      return admin.describeCluster().nodes().get(10, TimeUnit.SECONDS).size() == 1;
    }
  }
}
