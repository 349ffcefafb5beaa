package io.walstrata.harness.soak;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Errors;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the instances of a job over HTTP, values included. A timeline is on one of them; those that
 * do not answer, or not for it, are passed over. For many threads.
 */
public final class JobReads {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** Answers that another instance, or the same one a moment later, may give better. */
  private static final Set<String> PASSING =
      Set.of(
          Errors.Code.NOT_READY.text(),
          Errors.Code.TOO_BUSY.text(),
          Errors.Code.PEER_UNAVAILABLE.text(),
          Errors.Code.TIMELINE_NOT_FOUND.text(),
          Errors.Code.LSN_NOT_REACHED.text());

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);
  private static final long PAUSE_MS = 20;

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final List<String> urls;
  private final Duration patience;

  /**
   * @param urls of the instances, without the path of the interface
   * @param patience how long an answer is waited for while partitions start, restore or move
   */
  public JobReads(List<String> urls, Duration patience) {
    this.urls = List.copyOf(urls);
    this.patience = patience;
  }

  /**
   * Reads a page.
   *
   * @throws IOException if no instance has the timeline, or it is behind, for too long
   */
  public Ledger.Answer read(TimelineId timeline, PageKey key, Lsn asOf)
      throws IOException, InterruptedException {
    String path = "/v1/timelines/" + timeline + "/pages/" + key + "?lsn=" + asOf + "&bytes=base64";
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      String last = "";
      for (String url : urls) {
        try {
          HttpResponse<String> response = get(url + path);
          if (response.statusCode() == 200) {
            return answer(JSON.readValue(response.body(), Answers.Page.class));
          }
          Answers.Failure failure = JSON.readValue(response.body(), Answers.Failure.class);
          if (!PASSING.contains(failure.code())) {
            return new Ledger.Answer(failure.code(), List.of());
          }
          last = response.body();
        } catch (IOException e) {
          last = e.toString();
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "no instance answers: urls=" + urls + ", path=" + path + ", last=" + last);
      }
      Thread.sleep(PAUSE_MS);
    }
  }

  private HttpResponse<String> get(String uri) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(uri)).timeout(CALL_TIMEOUT).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static Ledger.Answer answer(Answers.Page page) {
    List<Version> versions = new ArrayList<>();
    Answers.Base base = page.base();
    if (base != null) {
      versions.add(new Version(Lsn.parse(base.lsn()), Value.image(bytes(base.bytes()))));
    }
    for (Answers.WalRecord each : page.records()) {
      versions.add(
          new Version(
              Lsn.parse(each.lsn()), Value.walRecord(bytes(each.bytes()), each.willInit())));
    }
    return new Ledger.Answer(page.status(), versions);
  }

  private static byte[] bytes(@org.jspecify.annotations.Nullable String base64) {
    if (base64 == null) {
      throw new IllegalArgumentException("the answer has no bytes although they were asked for");
    }
    return Base64.getDecoder().decode(base64);
  }

  /** Returns what the instance that is furthest says of a timeline; empty if none knows it. */
  public Optional<Answers.Timeline> timeline(TimelineId timeline) throws InterruptedException {
    Optional<Answers.Timeline> furthest = Optional.empty();
    for (String url : urls) {
      try {
        HttpResponse<String> response = get(url + "/v1/timelines");
        if (response.statusCode() != 200) {
          continue;
        }
        Optional<Answers.Timeline> found =
            JSON.readValue(response.body(), Answers.Timelines.class).timelines().stream()
                .filter(each -> each.timeline().equals(timeline.toString()))
                .findFirst();
        if (found.isPresent()
            && (furthest.isEmpty() || lastLsn(found).isAfter(lastLsn(furthest)))) {
          furthest = found;
        }
      } catch (IOException e) {
        // It starts, or was killed: another one may know.
      }
    }
    return furthest;
  }

  /** Returns how far a timeline is; {@link Lsn#INVALID} while no instance says. */
  public Lsn lastLsn(TimelineId timeline) throws InterruptedException {
    return lastLsn(timeline(timeline));
  }

  private static Lsn lastLsn(Optional<Answers.Timeline> timeline) {
    return timeline.map(each -> Lsn.parse(each.lastLsn())).orElse(Lsn.INVALID);
  }

  /**
   * Waits until the job has the LSN, and returns how far it is.
   *
   * @throws IOException if it has not in time
   */
  public Lsn await(TimelineId timeline, Lsn lsn) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Lsn reached = lastLsn(timeline);
      if (!reached.isBefore(lsn)) {
        return reached;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "the job is behind: timeline="
                + timeline
                + ", wanted="
                + lsn
                + ", reached="
                + reached
                + ", after="
                + patience);
      }
      Thread.sleep(PAUSE_MS);
    }
  }
}
