package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists a timeline's layers. */
@Command(
    name = "layers",
    description = "List a timeline's layers, oldest first, from a running job.",
    footer = {
      "",
      "Exit status: 0 listed, 1 the timeline is unknown, 2 wrong usage, 4 the job",
      "cannot be asked, 5 failed."
    })
final class LayersCommand extends QueryCommand {
  @Parameters(index = "0", paramLabel = "TIMELINE", description = "32 hex digits.")
  private String timeline;

  @Override
  String pathAndQuery() {
    return "/v1/timelines/" + GetCommand.encode(timeline) + "/layers";
  }

  @Override
  void print(JobClient.Reply reply, PrintWriter out) {
    Table table =
        new Table(
            "STATE",
            "FROZEN BY",
            "START LSN",
            "END LSN",
            "OFFSETS",
            "VERSIONS",
            "DROPS",
            "BYTES",
            "NAME");
    for (Answers.Layer layer : reply.as(Answers.Layers.class).layers()) {
      table.row(
          layer.state(),
          layer.freezeReason() == null ? "-" : layer.freezeReason(),
          layer.startLsn(),
          layer.endLsn(),
          layer.startOffset() + "-" + layer.endOffset(),
          layer.versions(),
          layer.tombstones(),
          layer.sizeBytes(),
          layer.name());
    }
    table.print(out);
  }
}
