package io.walstrata.harness.servers;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.JobClient;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a job over HTTP for its timelines, layers and pages. */
public final class JobReader {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

  private final JobClient client;

  /**
   * @param url of the job, without the path of the interface
   */
  public JobReader(String url) {
    this.client = new JobClient(url, CONNECT_TIMEOUT, ANSWER_TIMEOUT);
  }

  /** Returns the URL of a page as of an LSN; without one, of its newest state. */
  public String pageUrl(TimelineId timeline, String key, @Nullable Lsn asOf) {
    return client.url(page(timeline, key, asOf)).toString();
  }

  public String timelinesUrl() {
    return client.url(JobClient.TIMELINES).toString();
  }

  public String layersUrl(TimelineId timeline) {
    return client.url(JobClient.layers(timeline.toString())).toString();
  }

  private static String page(TimelineId timeline, String key, @Nullable Lsn asOf) {
    return JobClient.page(timeline.toString(), key) + (asOf == null ? "" : "?lsn=" + asOf);
  }

  /**
   * Reads a page, with what it cost.
   *
   * @throws IOException also if the job reports that there is none
   */
  public Answers.Page page(TimelineId timeline, PageKey key, Lsn asOf) throws IOException {
    JobClient.Reply reply = get(page(timeline, key.toString(), asOf) + "&explain=true");
    if (!reply.isOk()) {
      throw new IOException(
          "page not read: url="
              + reply.url()
              + ", status="
              + reply.status()
              + ", answer="
              + reply.text());
    }
    return reply.as(Answers.Page.class);
  }

  /**
   * Reads a page's bytes.
   *
   * @throws IOException also if the job reports that there is none
   */
  public byte[] pageBytes(TimelineId timeline, PageKey key, Lsn asOf) throws IOException {
    String path = page(timeline, key.toString(), asOf);
    try {
      JobClient.Reply reply = client.getBytes(path);
      if (!reply.isOk()) {
        throw new IOException("no page: url=" + reply.url() + ", answer=" + reply.text());
      }
      return reply.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking: url=" + client.url(path), e);
    }
  }

  /** Returns the timeline, or empty while the job does not know it or is not ready. */
  public Optional<Answers.Timeline> timeline(TimelineId timeline) throws IOException {
    JobClient.Reply reply = get(JobClient.TIMELINES);
    if (reply.status() == 503) {
      return Optional.empty();
    }
    return reply.as(Answers.Timelines.class).timelines().stream()
        .filter(each -> each.timeline().equals(timeline.toString()))
        .findFirst();
  }

  /** Returns the timeline's layers, oldest first; none while the job does not know it. */
  public List<Answers.Layer> layers(TimelineId timeline) throws IOException {
    JobClient.Reply reply = get(JobClient.layers(timeline.toString()));
    return reply.isOk() ? reply.as(Answers.Layers.class).layers() : List.of();
  }

  private JobClient.Reply get(String path) throws IOException {
    try {
      return client.get(path);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking: url=" + client.url(path), e);
    }
  }
}
