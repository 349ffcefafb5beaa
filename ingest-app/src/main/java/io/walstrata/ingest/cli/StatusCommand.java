package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.JobClient;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Shows how an instance of the job is. */
@Command(
    name = "status",
    description =
        "Show the state of an instance of the job: its problems, and the offsets of"
            + " its partitions.",
    footer = {"", "Exit status: 0 answered, 2 wrong usage, 4 the job does not answer, 5 failed."})
final class StatusCommand extends QueryCommand {
  @Override
  String pathAndQuery() {
    return JobClient.STATUS;
  }

  @Override
  boolean isAnsweredByFiles() {
    return false;
  }

  @Override
  void print(JobClient.Reply reply, PrintWriter out) throws IOException {
    Answers.Status status = reply.as(Answers.Status.class);
    out.println("application  " + status.applicationId());
    out.println("instance     " + orNone(status.instance()));
    out.println("state        " + status.state());
    status.reasons().forEach(reason -> out.println("reason       " + reason));
    status.peers().forEach(peer -> out.println("peer         " + peer));
    Table table =
        new Table("TOPIC", "PARTITION", "INGESTED", "DURABLE", "END", "LAG", "VERSIONS", "BAD");
    for (Answers.Partition each : status.partitions()) {
      table.row(
          each.topic(),
          each.partition(),
          orNone(each.ingestedOffset()),
          orNone(each.durableOffset()),
          orNone(each.endOffset()),
          orNone(each.lag()),
          each.versions(),
          each.badRecords());
    }
    table.print(out);
  }

  private static Object orNone(@Nullable Object value) {
    return value == null ? "-" : value;
  }
}
