package io.walstrata.harness.servers;

import io.walstrata.ingest.http.JobClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The job as a process of its own, as {@code walstrata run} makes it, with assertions on. */
public final class JobProcess extends EmbeddedServer {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

  private final Distribution distribution;
  private final Map<String, String> settings;
  private int port;
  private JobClient client;

  /**
   * @param folder for log, layers and state, below it
   * @param settings beside those of servers, folders and HTTP, and over them
   */
  public JobProcess(
      Distribution distribution,
      Path folder,
      BrokerServer broker,
      RegistryServer registry,
      Map<String, String> settings) {
    super("job", folder);
    this.distribution = distribution;
    this.settings = new TreeMap<>();
    this.settings.put("bootstrap.servers", broker.bootstrapServers());
    this.settings.put("schema.registry.url", registry.url());
    this.settings.put("layers.home", layersHome().toString());
    this.settings.put("state.dir", stateDir().toString());
    // A killed member's partitions are free again after this time.
    this.settings.put("streams.consumer.session.timeout.ms", "2000");
    this.settings.put("streams.consumer.heartbeat.interval.ms", "500");
    this.settings.putAll(settings);
    choosePorts();
  }

  /** Returns where the job answers over HTTP; the same for the process's whole life. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns the directory of the layers, {@code TOPIC/PARTITION/} below it. */
  public Path layersHome() {
    return folder().resolve("layers");
  }

  /** Returns the directory that may be lost. */
  public Path stateDir() {
    return folder().resolve("state");
  }

  @Override
  void prepare() {}

  @Override
  final void choosePorts() {
    port = Ports.free();
    client = new JobClient(url(), CONNECT_TIMEOUT, ANSWER_TIMEOUT);
  }

  @Override
  List<String> command() {
    List<String> command =
        new ArrayList<>(
            List.of(
                Distribution.java(),
                "-Xmx512m",
                "-ea",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                distribution.classPath(),
                "io.walstrata.ingest.cli.Main",
                "run",
                "--http.port=" + port));
    settings.forEach((name, value) -> command.add("--" + name + "=" + value));
    return command;
  }

  /** Returns whether its partitions are restored and it answers. */
  @Override
  public boolean isReady() throws Exception {
    return client.get(JobClient.READY).isOk();
  }
}
