package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.JobClient;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists a timeline's layers. */
@Command(
    name = "layers",
    description = "List a timeline's layers, oldest first, from a running job or from layer files.",
    footer = {
      "",
      "Exit status: 0 listed, 1 the timeline is unknown, 2 wrong usage, 4 the job",
      "does not answer, 5 failed."
    })
final class LayersCommand extends QueryCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "TIMELINE", description = TimelineText.HELP)
  private String timeline = TimelineText.ONLY;

  @Option(
      names = "--wide",
      description = "Print the file names of the layers too: about 200 columns.")
  private boolean wide;

  @Override
  String pathAndQuery() {
    return JobClient.layers(timeline);
  }

  @Override
  void print(JobClient.Reply reply, PrintWriter out) throws IOException {
    List<String> headings =
        new ArrayList<>(
            List.of(
                "STATE",
                "FROZEN BY",
                "START LSN",
                "END LSN",
                "OFFSETS",
                "VERSIONS",
                "DROPS",
                "BYTES",
                "FIRST KEY"));
    if (wide) {
      headings.add("NAME");
    }
    Table table = new Table(headings.toArray(String[]::new));
    for (Answers.Layer layer : reply.as(Answers.Layers.class).layers()) {
      List<Object> cells =
          new ArrayList<>(
              List.of(
                  layer.state(),
                  layer.freezeReason() == null ? "-" : layer.freezeReason(),
                  layer.startLsn(),
                  layer.endLsn(),
                  layer.startOffset() + "-" + layer.endOffset(),
                  layer.versions(),
                  layer.tombstones(),
                  layer.sizeBytes(),
                  PageKey.parse(layer.startKey()).dotted()));
      if (wide) {
        cells.add(layer.name());
      }
      table.row(cells.toArray());
    }
    table.print(out);
  }
}
