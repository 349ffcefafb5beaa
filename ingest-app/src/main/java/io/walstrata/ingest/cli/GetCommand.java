package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads a page as of an LSN. */
@Command(
    name = "get",
    description = "Read a page as of an LSN from a running job.",
    footer = {
      "",
      "Exit status: 0 found, 1 the timeline is unknown or the page absent or dropped at",
      "this LSN, 2 wrong usage, 3 the timeline has not reached the LSN, 4 the job cannot",
      "be asked, 5 failed."
    })
final class GetCommand extends QueryCommand {
  @Parameters(index = "0", paramLabel = "TIMELINE", description = "32 hex digits.")
  private String timeline;

  @Parameters(
      index = "1",
      paramLabel = "KEY",
      description = "36 hex digits, or spc.db.rel.fork.block in decimal.")
  private String key;

  @Option(
      names = "--lsn",
      paramLabel = "LSN",
      description = "As of this LSN, inclusive. Default: the last one.")
  private @Nullable String lsn;

  @Option(
      names = "--bytes",
      description = "With --json: the bytes of the image and of the records too, in base64.")
  private boolean bytes;

  @Override
  String pathAndQuery() {
    String query = lsn == null ? "" : "?lsn=" + encode(lsn);
    if (bytes) {
      query += (query.isEmpty() ? "?" : "&") + "bytes=base64";
    }
    return "/v1/timelines/" + encode(timeline) + "/pages/" + encode(key) + query;
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  void print(JobClient.Reply reply, PrintWriter out) {
    Answers.Page page = reply.as(Answers.Page.class);
    Answers.Key at = page.key();
    out.printf(
        "page %d.%d.%d.%d.%d%s (%s) as of %s, timeline %s at %s%n",
        at.spc(),
        at.db(),
        at.rel(),
        at.fork(),
        at.block(),
        at.kind() == 0 ? "" : " kind " + at.kind(),
        at.hex(),
        page.asOf(),
        page.timeline(),
        page.lastLsn());
    out.println(
        "status   "
            + page.status()
            + (page.complete()
                ? ""
                : ": the history starts behind the base that these records need"));
    if (page.droppedAt() != null) {
      out.println("dropped  " + page.droppedAt() + ", written again since");
    }
    Answers.Base base = page.base();
    out.println(
        "base     "
            + (base == null ? "none" : base.lsn() + "  image, " + base.length() + " bytes"));
    out.println("records  " + page.records().size());
    for (Answers.WalRecord each : page.records()) {
      out.println("         " + each.lsn() + "  " + each.description());
    }
    out.println("layers   visited " + page.layersVisited().size());
    for (Answers.LayerName layer : page.layersVisited()) {
      out.println("         " + layer.state() + "  " + layer.name());
    }
  }
}
