package io.walstrata.harness.servers;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.http.Answers;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks the job over HTTP, as anybody would. */
public final class JobReader {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final String url;

  /**
   * @param url of the job, without the path of the interface
   */
  public JobReader(String url) {
    this.url = url;
  }

  /** Returns the URL of a page as of an LSN; without one, of its newest state. */
  public String pageUrl(TimelineId timeline, String key, @Nullable Lsn asOf) {
    return url
        + "/v1/timelines/"
        + timeline
        + "/pages/"
        + key
        + (asOf == null ? "" : "?lsn=" + asOf);
  }

  public String timelinesUrl() {
    return url + "/v1/timelines";
  }

  public String layersUrl(TimelineId timeline) {
    return url + "/v1/timelines/" + timeline + "/layers";
  }

  /** Reads a page; empty if the job says that there is none. */
  public Answers.Page page(TimelineId timeline, PageKey key, Lsn asOf) throws IOException {
    HttpResponse<String> response = get(pageUrl(timeline, key.toString(), asOf) + "&explain=true");
    if (response.statusCode() != 200) {
      throw new IOException(
          "page not read: "
              + response.uri()
              + ", status="
              + response.statusCode()
              + ", answer="
              + response.body());
    }
    return JSON.readValue(response.body(), Answers.Page.class);
  }

  /** Returns the timeline, or empty while the job does not know it or is not ready. */
  public Optional<Answers.Timeline> timeline(TimelineId timeline) throws IOException {
    HttpResponse<String> response = get(timelinesUrl());
    if (response.statusCode() == 503) {
      return Optional.empty();
    }
    Answers.Timelines all = JSON.readValue(response.body(), Answers.Timelines.class);
    return all.timelines().stream()
        .filter(each -> each.timeline().equals(timeline.toString()))
        .findFirst();
  }

  /** Returns the timeline's layers, oldest first; none while the job does not know it. */
  public List<Answers.Layer> layers(TimelineId timeline) throws IOException {
    HttpResponse<String> response = get(layersUrl(timeline));
    return response.statusCode() == 200
        ? JSON.readValue(response.body(), Answers.Layers.class).layers()
        : List.of();
  }

  private HttpResponse<String> get(String uri) throws IOException {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(20)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking " + uri, e);
    }
  }
}
