package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.JobClient;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Lists the timelines. */
@Command(
    name = "timelines",
    description = "List the timelines that a running job has, with their first and last LSN.",
    footer = {"", "Exit status: 0 listed, 2 wrong usage, 4 the job does not answer, 5 failed."})
final class TimelinesCommand extends QueryCommand {
  @Override
  String pathAndQuery() {
    return JobClient.TIMELINES;
  }

  @Override
  void print(JobClient.Reply reply, PrintWriter out) throws IOException {
    Table table =
        new Table(
            "TIMELINE", "FIRST LSN", "LAST LSN", "DURABLE LSN", "LAYERS", "VERSIONS", "BYTES");
    for (Answers.Timeline each : reply.as(Answers.Timelines.class).timelines()) {
      table.row(
          each.timeline(),
          each.firstLsn(),
          each.lastLsn(),
          each.durableLsn(),
          each.layers(),
          each.versions(),
          each.sizeBytes());
    }
    table.print(out);
  }
}
