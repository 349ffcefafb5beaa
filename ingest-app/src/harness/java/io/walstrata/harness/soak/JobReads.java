package io.walstrata.harness.soak;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Errors;
import io.walstrata.ingest.http.JobClient;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the instances of a job over HTTP, values included. A timeline is on one of them; those that
 * do not answer, or not for it, are skipped. For many threads.
 */
public final class JobReads {
  /** Answers that another instance, or the same one a moment later, may give better. */
  private static final Set<Errors.Code> PASSING =
      Set.of(
          Errors.Code.NOT_READY,
          Errors.Code.TOO_BUSY,
          Errors.Code.PEER_UNAVAILABLE,
          Errors.Code.TIMELINE_NOT_FOUND,
          Errors.Code.LSN_NOT_REACHED);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);
  private static final long PAUSE_MS = 20;

  private final List<String> urls;
  private final List<JobClient> instances;
  private final Duration patience;

  /**
   * @param urls of the instances, without the path of the interface
   * @param patience how long an answer is waited for while partitions start, restore or move
   */
  public JobReads(List<String> urls, Duration patience) {
    this.urls = List.copyOf(urls);
    this.instances =
        urls.stream().map(url -> new JobClient(url, CONNECT_TIMEOUT, ANSWER_TIMEOUT)).toList();
    this.patience = patience;
  }

  /**
   * Reads a page.
   *
   * @throws IOException if for too long no instance has the timeline, or it has not reached the LSN
   */
  public Ledger.Answer read(TimelineId timeline, PageKey key, Lsn asOf)
      throws IOException, InterruptedException {
    String path =
        JobClient.page(timeline.toString(), key.toString()) + "?lsn=" + asOf + "&bytes=base64";
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      String last = "";
      for (JobClient instance : instances) {
        try {
          JobClient.Reply reply = instance.get(path);
          if (reply.isOk()) {
            return answer(reply.as(Answers.Page.class));
          }
          if (reply.code().filter(PASSING::contains).isEmpty()) {
            return new Ledger.Answer(reply.failure().code(), List.of());
          }
          last = reply.text();
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

  /** Returns a timeline as the instance with its greatest last LSN has it; empty if none has. */
  public Optional<Answers.Timeline> timeline(TimelineId timeline) throws InterruptedException {
    Optional<Answers.Timeline> furthest = Optional.empty();
    for (JobClient instance : instances) {
      try {
        JobClient.Reply reply = instance.get(JobClient.TIMELINES);
        if (!reply.isOk()) {
          continue;
        }
        Optional<Answers.Timeline> found =
            reply.as(Answers.Timelines.class).timelines().stream()
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

  /** Returns the last LSN of a timeline; {@link Lsn#INVALID} while no instance has it. */
  public Lsn lastLsn(TimelineId timeline) throws InterruptedException {
    return lastLsn(timeline(timeline));
  }

  private static Lsn lastLsn(Optional<Answers.Timeline> timeline) {
    return timeline.map(each -> Lsn.parse(each.lastLsn())).orElse(Lsn.INVALID);
  }

  /**
   * Waits until the job has reached the LSN, and returns the last one.
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
            "the job has not reached the LSN: timeline="
                + timeline
                + ", lsn="
                + lsn
                + ", reached="
                + reached
                + ", waited="
                + patience);
      }
      Thread.sleep(PAUSE_MS);
    }
  }
}
