package io.walstrata.ingest.it;

import io.walstrata.harness.servers.JobReader;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.JobClient;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks a job for pages, values included, in the form of the {@link Ledger}'s answers. */
final class JobQuestions {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);

  private final JobClient client;
  private final JobReader reader;
  private final TimelineId timeline;

  JobQuestions(String url, TimelineId timeline) {
    this.client = new JobClient(url, CALL_TIMEOUT, CALL_TIMEOUT);
    this.reader = new JobReader(url);
    this.timeline = timeline;
  }

  Ledger.Answer read(PageKey key, Lsn asOf) throws IOException, InterruptedException {
    JobClient.Reply reply =
        client.get(
            JobClient.page(timeline.toString(), key.toString())
                + ("?lsn=" + asOf + "&bytes=base64"));
    if (!reply.isOk()) {
      return new Ledger.Answer(reply.failure().code(), List.of());
    }
    Answers.Page page = reply.as(Answers.Page.class);
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

  /** Returns the last LSN that the job has; {@link Lsn#INVALID} while it is not ready. */
  Lsn lastLsn() throws IOException {
    return reader.timeline(timeline).map(each -> Lsn.parse(each.lastLsn())).orElse(Lsn.INVALID);
  }

  /** Waits until the job has the LSN. */
  void await(Lsn lsn, Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (lastLsn().isBefore(lsn)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "the job has not reached the LSN: lsn="
                + lsn
                + ", reached="
                + lastLsn()
                + ", waited="
                + patience);
      }
      Thread.sleep(20);
    }
  }
}
