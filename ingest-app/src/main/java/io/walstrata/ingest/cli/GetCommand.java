package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.JobClient;
import io.walstrata.postgres.wal.PgKeyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads a page as of an LSN. */
@Command(
    name = "get",
    description = "Read a page as of an LSN, from a running job or from layer files.",
    footer = {
      "",
      "Exit status: 0 found, 1 the timeline is unknown, or there is no such page at this",
      "LSN, 2 wrong usage, 3 the timeline has not reached the LSN, 4 the job does not",
      "answer, 5 failed, or redo cannot make the page, 6 no version at or below the LSN:",
      "the page may be older than history."
    })
final class GetCommand extends QueryCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "[TIMELINE] KEY",
      hideParamSyntax = true,
      description = {
        "TIMELINE: " + TimelineText.HELP,
        "KEY: " + PgKeyText.FORMS + ".",
      })
  private List<String> words;

  @Option(
      names = "--lsn",
      paramLabel = "LSN",
      description = "As of this LSN, inclusive. Default: the last one.")
  private @Nullable String lsn;

  @Option(
      names = "--bytes",
      description = "Add the bytes of the image and of the records, in base64. Needs --json.")
  private boolean bytes;

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = {
        "Write the page itself to a file, 8192 bytes; - for standard output. With --json its key,"
            + " LSNs and number of records are printed as one object."
      })
  private @Nullable String page;

  @Option(
      names = "--decode",
      description = {
        "Print the page itself: its header and items, with the columns of the extension"
            + " pageinspect (page_header, heap_page_items, bt_page_items)."
      })
  private boolean decode;

  @Option(
      names = "--checksum",
      paramLabel = "none|computed",
      description = "pd_checksum of the page. Default: computed.")
  private Checksum checksum = Checksum.computed;

  /** What is in {@code pd_checksum}. */
  @SuppressWarnings("UnusedVariable") // picocli reads them
  enum Checksum {
    none,
    computed
  }

  private boolean isPage() {
    return page != null || decode;
  }

  @Override
  boolean isPrintedByItself() {
    return isPage();
  }

  @Override
  JobClient.Reply send(JobClient client, String pathAndQuery)
      throws IOException, InterruptedException {
    return isPage() ? client.getBytes(pathAndQuery) : client.get(pathAndQuery);
  }

  @Override
  String pathAndQuery() {
    if (isPage() && bytes) {
      throw new CommandFailedException(
          ExitStatus.USAGE, "--bytes is about records, it does not go with --page and --decode");
    }
    if (PageOutput.STDOUT.equals(page) && (decode || isJson())) {
      throw new CommandFailedException(
          ExitStatus.USAGE,
          "--page - leaves no room for text on standard output: leave out --decode and --json, or"
              + " name a file");
    }
    if (bytes && !isJson()) {
      throw new CommandFailedException(
          ExitStatus.USAGE, "--bytes needs --json: bytes are not shown to people");
    }
    return TimelineText.path(words, JobClient::page)
        + "?explain=true"
        + (lsn == null ? "" : "&lsn=" + JobClient.encode(lsn))
        + (bytes ? "&bytes=base64" : "")
        + (checksum == Checksum.none ? "&checksum=none" : "");
  }

  @Override
  void print(JobClient.Reply reply, PrintWriter out) throws IOException {
    if (isPage()) {
      new PageOutput(reply, isJson()).print(page, decode, out);
      return;
    }
    Answers.Page page = reply.as(Answers.Page.class);
    Answers.Key at = page.key();
    out.printf(
        "page %s%s as of %s, timeline %s from %s to %s%n",
        at.dotted(),
        at.kind() == 0 ? " (" + at.hex() + ")" : " kind " + at.kind(),
        page.asOf(),
        page.timeline(),
        page.firstLsn(),
        page.lastLsn());
    out.println(
        "status   "
            + page.status()
            + (page.complete() ? "" : ": history begins after the base that these records need"));
    if (page.droppedAt() != null) {
      out.println("dropped  " + page.droppedAt() + ", these records came after it");
    }
    Answers.Base base = page.base();
    out.println(
        "base     "
            + (base == null ? "none" : base.lsn() + "  image, " + base.length() + " bytes"));
    out.println("records  " + page.records().size());
    for (Answers.WalRecord each : page.records()) {
      out.println("         " + each.lsn() + "  " + each.description());
    }
    List<Answers.LayerName> layers = page.layersVisited();
    if (layers == null) {
      return;
    }
    out.println("layers   visited " + layers.size());
    for (Answers.LayerName layer : layers) {
      out.println("         " + layer.state() + "  " + layer.name());
    }
  }
}
