package io.walstrata.ingest.demo;

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

/** The job as a process of its own, as {@code walstrata run} makes it. */
final class JobProcess extends EmbeddedServer {
  private final Distribution distribution;
  private final Map<String, String> settings;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private int port;

  /**
   * @param settings beside those of servers, folders and HTTP, and over them
   */
  JobProcess(
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
    this.settings.put("layers.home", folder.resolve("layers").toString());
    this.settings.put("state.dir", folder.resolve("state").toString());
    // A killed member's partitions are free again after this time.
    this.settings.put("streams.consumer.session.timeout.ms", "2000");
    this.settings.put("streams.consumer.heartbeat.interval.ms", "500");
    this.settings.putAll(settings);
    choosePorts();
  }

  String url() {
    return "http://127.0.0.1:" + port;
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
                "-cp",
                distribution.classPath(),
                "io.walstrata.ingest.cli.Main",
                "run",
                "--http.port=" + port));
    settings.forEach((name, value) -> command.add("--" + name + "=" + value));
    return command;
  }

  @Override
  boolean isReady() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
  }
}
