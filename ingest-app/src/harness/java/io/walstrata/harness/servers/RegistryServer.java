package io.walstrata.harness.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schema registry (Apicurio) that speaks Confluent's API. Schemas and their ids survive a restart
 * and a kill.
 */
public final class RegistryServer extends EmbeddedServer {
  private final Distribution distribution;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private int port;
  private @Nullable Path runner;

  public RegistryServer(Distribution distribution, Path folder) {
    super("registry", folder);
    this.distribution = distribution;
    choosePorts();
  }

  /** Returns {@code schema.registry.url} for clients; the same for the server's whole life. */
  public String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  @Override
  void choosePorts() {
    port = Ports.free();
  }

  @Override
  void prepare() throws IOException {
    // Beside the archive if that is writable, so that it is unpacked once for all.
    Path parent = Files.isWritable(distribution.harness()) ? distribution.harness() : folder();
    Path program = Archives.unpackOnce(distribution.registryArchive(), parent);
    try (Stream<Path> files = Files.list(program)) {
      runner =
          files
              .filter(file -> file.toString().endsWith("-runner.jar"))
              .findFirst()
              .orElseThrow(() -> new ServerException("no *-runner.jar in " + program));
    }
  }

  @Override
  List<String> command() {
    return List.of(
        Distribution.java(),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=" + port,
        "-Dquarkus.log.console.color=false",
        // A file: in memory, ids would begin again at each start and mean other schemas.
        // Without a delay: what was written last before a kill would be lost.
        "-Dquarkus.datasource.jdbc.url=jdbc:h2:file:" + folder().resolve("data") + ";WRITE_DELAY=0",
        "-Dquarkus.datasource.jdbc.initial-size=2",
        "-Dquarkus.datasource.jdbc.min-size=2",
        "-Dquarkus.datasource.jdbc.max-size=20",
        "-jar",
        String.valueOf(runner));
  }

  @Override
  boolean isReady() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/subjects"))
            .timeout(Duration.ofSeconds(5))
            .build();
    HttpResponse<InputStream> response =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    response.body().close();
    return response.statusCode() == 200;
  }
}
