package io.walstrata.ingest.it;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.harness.servers.JobReader;
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
import java.util.ArrayList;
import java.util.List;

/** Asks a job for pages, values included, in the form in which the {@link Ledger} tells them. */
final class JobQuestions {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final HttpClient client = HttpClient.newHttpClient();
  private final String url;
  private final TimelineId timeline;

  JobQuestions(String url, TimelineId timeline) {
    this.url = url;
    this.timeline = timeline;
  }

  Ledger.Answer read(PageKey key, Lsn asOf) throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(
                    URI.create(
                        url
                            + ("/v1/timelines/" + timeline + "/pages/" + key)
                            + ("?lsn=" + asOf + "&bytes=base64")))
                .timeout(Duration.ofSeconds(20))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      Answers.Failure failure = JSON.readValue(response.body(), Answers.Failure.class);
      return new Ledger.Answer(failure.code(), List.of());
    }
    Answers.Page page = JSON.readValue(response.body(), Answers.Page.class);
    List<String> versions = new ArrayList<>();
    Answers.Base base = page.base();
    if (base != null) {
      versions.add("image@" + base.lsn() + ":" + base.bytes());
    }
    for (Answers.WalRecord each : page.records()) {
      versions.add((each.willInit() ? "init@" : "record@") + each.lsn() + ":" + each.bytes());
    }
    return new Ledger.Answer(page.status(), versions);
  }

  /** Returns how far the job is; {@link Lsn#INVALID} while it does not say. */
  Lsn lastLsn() throws IOException {
    return new JobReader(url)
        .timeline(timeline)
        .map(each -> Lsn.parse(each.lastLsn()))
        .orElse(Lsn.INVALID);
  }

  /** Waits until the job has the LSN. */
  void await(Lsn lsn, Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (lastLsn().isBefore(lsn)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "the job is behind: wanted=" + lsn + " has=" + lastLsn() + " after=" + patience);
      }
      Thread.sleep(20);
    }
  }
}
