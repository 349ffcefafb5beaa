package io.walstrata.harness.servers;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The job as a process of its own, as {@code walstrata run} makes it, with assertions on. */
public final class JobProcess extends EmbeddedServer {
  private final Distribution distribution;
  private final Map<String, String> settings;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private int port;

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
  void choosePorts() {
    port = Ports.free();
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
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
  }
}
