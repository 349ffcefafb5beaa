package io.walstrata.harness.demo;

import io.walstrata.harness.servers.JobReader;
import io.walstrata.ingest.http.Answers;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads the story's page at its moments, shows what came, and checks it. */
final class PageReport {
  private static final int RECORDS_SHOWN = 2;
  private static final int LAYERS_SHOWN = 12;

  private final JobReader job;
  private final DemoStory story;
  private final DemoConsole console;
  private final List<Answers.Layer> layers;
  private final Map<String, Integer> numbers = new HashMap<>();

  PageReport(JobReader job, DemoStory story, DemoConsole console) throws IOException {
    this.job = job;
    this.story = story;
    this.console = console;
    this.layers = job.layers(story.timeline());
    for (Answers.Layer layer : layers) {
      numbers.put(layer.name(), numbers.size() + 1);
    }
  }

  /**
   * Prints everything.
   *
   * @throws DemoFailedException if an answer differs from what the source has
   */
  void print() throws IOException {
    console.heading("One page as of " + story.moments().size() + " LSNs: " + story.dottedKey());
    console.line("          %s", story.page());
    List<String> faults = new ArrayList<>();
    Lsn before = Lsn.INVALID;
    for (Moment moment : story.moments()) {
      Answers.Page page = job.page(story.timeline(), story.key(), moment.lsn());
      print(moment, page);
      printRows(moment, faults);
      check(moment, page, before, faults);
      before = newest(page);
    }
    console.line(
        "%n  Each newest LSN%s equals %s.", hasRows() ? ", and each row," : "", story.source());
    printLayers();
    if (!faults.isEmpty()) {
      throw new DemoFailedException("wrong answers: " + String.join("; ", faults));
    }
  }

  private void print(Moment moment, Answers.Page page) {
    console.line("%n  as of %-12s %s", moment.lsn(), moment.event());
    Answers.Base base = page.base();
    if (base != null) {
      console.line("    base    %-12s image of %d bytes", base.lsn(), base.length());
    }
    int shown = 0;
    for (Answers.WalRecord each : page.records()) {
      if (shown++ == RECORDS_SHOWN) {
        console.line("    ...     %d more", page.records().size() - RECORDS_SHOWN);
        break;
      }
      console.line("    record  %-12s %s", each.lsn(), shortened(each.description(), 80));
    }
    console.line(
        "    newest  %-12s %s, layers visited: %s",
        newest(page), page.complete() ? "complete" : "INCOMPLETE", visited(page));
  }

  /** Prints the rows of the page that redo makes, and compares them with those of the source. */
  private void printRows(Moment moment, List<String> faults) throws IOException {
    List<String> expected = moment.rows();
    if (expected == null) {
      return;
    }
    AccountPage page = AccountPage.of(job.pageBytes(story.timeline(), story.key(), moment.lsn()));
    String rows = String.join(" | ", page.rows());
    String others = page.others().isEmpty() ? "" : "; old: " + String.join(" | ", page.others());
    console.line("    rows    %s", shortened(rows + others, 100));
    if (!page.rows().equals(expected)) {
      faults.add("as of " + moment.lsn() + " rows=" + page.rows() + " expected=" + expected);
    }
  }

  private boolean hasRows() {
    return story.moments().stream().anyMatch(moment -> moment.rows() != null);
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }

  private String visited(Answers.Page page) {
    return String.join(
        ", ",
        Objects.requireNonNull(page.layersVisited(), "asked for").stream()
            .map(layer -> layer.state() + " #" + numbers.getOrDefault(layer.name(), 0))
            .toList());
  }

  private static Lsn newest(Answers.Page page) {
    int records = page.records().size();
    Answers.Base base = page.base();
    if (records > 0) {
      return Lsn.parse(page.records().get(records - 1).lsn());
    }
    return base == null ? Lsn.INVALID : Lsn.parse(base.lsn());
  }

  private static void check(Moment moment, Answers.Page page, Lsn before, List<String> faults) {
    Lsn newest = newest(page);
    if (!page.complete()) {
      faults.add("incomplete as of " + moment.lsn());
    }
    if (!newest.equals(moment.newest())) {
      faults.add("as of " + moment.lsn() + " newest=" + newest + " expected=" + moment.newest());
    }
    if (!newest.isAfter(before)) {
      faults.add("as of " + moment.lsn() + " nothing is newer than " + before);
    }
  }

  private void printLayers() throws IOException {
    Answers.Timeline timeline =
        job.timeline(story.timeline())
            .orElseThrow(() -> new DemoFailedException("the timeline is gone"));
    console.heading("Timeline " + timeline.timeline());
    console.line(
        "          last LSN %s, durable up to %s, %,d versions in %d layers",
        timeline.lastLsn(), timeline.durableLsn(), timeline.versions(), timeline.layers());
    console.line(
        "%n      # %-7s %-26s %-16s %9s %12s",
        "state", "LSN range", "topic offsets", "versions", "bytes");
    int shown = 0;
    for (Answers.Layer layer : layers) {
      if (shown++ == LAYERS_SHOWN) {
        console.line("    ... %d more", layers.size() - LAYERS_SHOWN);
        break;
      }
      console.line(
          "    %3d %-7s %-26s %-16s %,9d %,12d",
          shown,
          layer.state(),
          layer.startLsn() + " .. " + layer.endLsn(),
          layer.startOffset() + " .. " + layer.endOffset(),
          layer.versions(),
          layer.sizeBytes());
    }
  }
}
