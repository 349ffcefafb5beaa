package io.walstrata.harness.soak;

import io.walstrata.ingest.http.Answers;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Compares what the job answers with the ledgers. */
final class AnswerCheck implements AutoCloseable {
  private static final int CLIENTS = 4;

  private final JobReads reads;
  private final List<TimelineLoad> timelines;
  private final SoakCounts counts;
  private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);

  AnswerCheck(JobReads reads, List<TimelineLoad> timelines, SoakCounts counts) {
    this.reads = reads;
    this.timelines = timelines;
    this.counts = counts;
  }

  /** Waits until the job has what is acknowledged by now. */
  void awaitAcknowledged() throws IOException, InterruptedException {
    for (TimelineLoad each : timelines) {
      reads.await(each.timeline(), each.ledger().acknowledgedLsn());
    }
  }

  /** Compares every page as of the last LSN that the job has. */
  void checkNewest() throws IOException, InterruptedException {
    List<ExpectedRead> compared = new ArrayList<>();
    for (TimelineLoad each : timelines) {
      Lsn reached = reads.await(each.timeline(), each.ledger().acknowledgedLsn());
      List<PageKey> keys = reached.isValid() ? each.ledger().keys() : List.of();
      for (PageKey key : keys) {
        compared.add(ExpectedRead.of(each.timeline(), each.ledger(), key, reached));
      }
    }
    compare(compared);
  }

  /**
   * Compares pages as of LSNs at which they changed, and one below.
   *
   * @param sample how many LSNs of each timeline
   */
  void checkSample(Random random, int sample) throws IOException, InterruptedException {
    List<ExpectedRead> compared = new ArrayList<>();
    for (TimelineLoad each : timelines) {
      Ledger ledger = each.ledger();
      Lsn reached = reads.await(each.timeline(), ledger.acknowledgedLsn());
      List<PageKey> keys = ledger.keys();
      for (int i = 0; i < sample && !keys.isEmpty(); i++) {
        PageKey key = keys.get(random.nextInt(keys.size()));
        List<Lsn> lsns = ledger.lsns(key).stream().filter(lsn -> !lsn.isAfter(reached)).toList();
        if (!lsns.isEmpty()) {
          Lsn lsn = lsns.get(random.nextInt(lsns.size()));
          compared.add(ExpectedRead.of(each.timeline(), ledger, key, lsn));
          compared.add(ExpectedRead.of(each.timeline(), ledger, key, Lsn.of(lsn.value() - 1)));
        }
      }
    }
    compare(compared);
  }

  /**
   * Compares every version that is not durable yet, at its own LSN and one below; those that are
   * durable are for {@link LayerCheck}. Also how many versions the job has: one that two layers
   * hold shows there. The job has everything, and nothing is sent any more.
   */
  void checkRest() throws IOException, InterruptedException {
    List<ExpectedRead> compared = new ArrayList<>();
    for (TimelineLoad each : timelines) {
      Ledger ledger = each.ledger();
      TimelineId id = each.timeline();
      Answers.Timeline timeline =
          reads
              .timeline(id)
              .orElseThrow(() -> new IOException("no instance has the timeline: timeline=" + id));
      Lsn durable = Lsn.parse(timeline.durableLsn());
      for (PageKey key : ledger.keys()) {
        for (Lsn lsn : ledger.lsns(key)) {
          if (lsn.isAfter(durable)) {
            compared.add(ExpectedRead.of(id, ledger, key, lsn));
            compared.add(ExpectedRead.of(id, ledger, key, Lsn.of(lsn.value() - 1)));
          }
        }
      }
      long expected = ledger.versions(Lsn.MAX);
      if (timeline.versions() != expected) {
        counts.mismatch(
            "versions of timeline=" + id + " expected=" + expected + " actual=" + timeline);
      }
    }
    compare(compared);
  }

  private void compare(List<ExpectedRead> compared) throws IOException, InterruptedException {
    List<Future<?>> parts = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      int first = client;
      parts.add(
          clients.submit(
              () -> {
                for (int i = first; i < compared.size(); i += CLIENTS) {
                  ExpectedRead each = compared.get(i);
                  counts.compare(
                      each, "http", reads.read(each.timeline(), each.key(), each.asOf()));
                }
                return null;
              }));
    }
    for (Future<?> part : parts) {
      try {
        part.get();
      } catch (ExecutionException e) {
        throw new IOException("cannot read from the job: error=" + e.getCause(), e.getCause());
      }
    }
  }

  @Override
  public void close() {
    clients.shutdownNow();
  }
}
