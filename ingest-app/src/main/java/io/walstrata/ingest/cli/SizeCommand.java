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

/** Reads the size of a fork as of an LSN. */
@Command(
    name = "size",
    description = "Read how many blocks a fork of a relation had as of an LSN.",
    footer = {
      "",
      "Exit status: 0 found, 1 the timeline is unknown or there is no such fork at this LSN,",
      "2 wrong usage, 3 the timeline has not reached the LSN, 4 the job does not",
      "answer, 5 failed, 6 history does not know the size at this LSN."
    })
final class SizeCommand extends QueryCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "[TIMELINE] KEY",
      hideParamSyntax = true,
      description = {
        "TIMELINE: " + TimelineText.HELP,
        "KEY: any page of the fork: " + PgKeyText.FORMS + ".",
      })
  private List<String> words;

  @Option(
      names = "--lsn",
      paramLabel = "LSN",
      description = "As of this LSN, inclusive. Default: the last one.")
  private @Nullable String lsn;

  @Override
  String pathAndQuery() {
    return TimelineText.path(words, JobClient::size)
        + (lsn == null ? "" : "?lsn=" + JobClient.encode(lsn));
  }

  @Override
  void print(JobClient.Reply reply, PrintWriter out) throws IOException {
    Answers.Size size = reply.as(Answers.Size.class);
    out.printf(
        "%d blocks, %d bytes (%s) as of %s, timeline %s%n",
        size.blocks(), size.bytes(), size.bound().replace('_', ' '), size.asOf(), size.timeline());
    if (size.assumptions() != null) {
      size.assumptions().forEach(assumed -> out.println("assumed " + assumed));
    }
  }
}
