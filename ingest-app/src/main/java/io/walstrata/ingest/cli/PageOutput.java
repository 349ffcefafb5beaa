package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.JobClient;
import io.walstrata.ingest.http.Json;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.PageInspection;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes and prints a page's bytes. */
final class PageOutput {
  static final String STDOUT = "-";

  private final JobClient.Reply reply;
  private final boolean isJson;

  /**
   * @param reply a page's bytes
   */
  PageOutput(JobClient.Reply reply, boolean isJson) {
    this.reply = reply;
    this.isJson = isJson;
  }

  /**
   * Writes the page to a file, prints it decoded, or both.
   *
   * @param file {@code -} for standard output, null for none
   */
  void print(@Nullable String file, boolean isDecoded, PrintWriter out) throws IOException {
    if (STDOUT.equals(file)) {
      out.flush();
      System.out.write(reply.body());
      System.out.flush();
      return;
    }
    if (file != null) {
      write(file);
    }
    if (isJson) {
      out.println(Json.text(json(isDecoded)));
      return;
    }
    out.printf(
        "page %s as of %s, timeline %s%n",
        key().describe(), header("Walstrata-As-Of"), header("Walstrata-Timeline"));
    out.printf(
        "version %s, from base %s with %s records%n",
        header("Walstrata-Version-Lsn"),
        header("Walstrata-Base-Lsn"),
        header("Walstrata-Records-Applied"));
    reply
        .headers()
        .firstValue("Walstrata-Assumed")
        .ifPresent(assumed -> out.println("assumed " + assumed));
    if (isDecoded) {
      printDecoded(out);
    }
  }

  private void write(String file) {
    try {
      Files.write(Path.of(file), reply.body());
    } catch (IOException | InvalidPathException e) {
      throw new CommandFailedException(
          ExitStatus.FAILED, "cannot write the page: file=" + file + ", error=" + e, e);
    }
  }

  private Map<String, Object> json(boolean isDecoded) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("key", key().dotted());
    json.put("keyHex", key().toString());
    json.put("timeline", header("Walstrata-Timeline"));
    json.put("asOf", header("Walstrata-As-Of"));
    json.put("versionLsn", header("Walstrata-Version-Lsn"));
    json.put("baseLsn", header("Walstrata-Base-Lsn"));
    json.put("recordsApplied", Long.parseLong(header("Walstrata-Records-Applied")));
    if (isDecoded) {
      PageInspection inspection = new PageInspection(reply.body());
      json.put("kind", inspection.kind());
      json.put("page_header", inspection.header());
      json.put("items", inspection.items());
    }
    return json;
  }

  private void printDecoded(PrintWriter out) {
    PageInspection inspection = new PageInspection(reply.body());
    out.println();
    Map<String, Object> header = inspection.header();
    if (header.isEmpty()) {
      out.println("no page header: length=" + reply.body().length);
      return;
    }
    out.println("page_header (" + inspection.kind() + ")");
    print(List.of(header), out);
    List<Map<String, Object>> items = inspection.items();
    if (!items.isEmpty()) {
      out.println();
      print(items, out);
    }
  }

  private static void print(List<Map<String, Object>> rows, PrintWriter out) {
    Table table = new Table(rows.get(0).keySet().toArray(String[]::new));
    for (Map<String, Object> row : rows) {
      table.row(row.values().stream().map(value -> value == null ? "" : value).toArray());
    }
    table.print(out);
  }

  private PageKey key() {
    return PageKey.parse(header("Walstrata-Key"));
  }

  private String header(String name) {
    return reply.headers().firstValue(name).orElse("-");
  }
}
