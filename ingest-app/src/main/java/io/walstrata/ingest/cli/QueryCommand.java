package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A question to a running job: prints the answer for people, or as the job gave it with {@code
 * --json}. A "no" goes to standard error, or with {@code --json} to standard output too.
 */
abstract class QueryCommand implements Callable<Integer> {
  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${WALSTRATA_URL:-http://127.0.0.1:8090}",
      description = "Where the job listens. Default: $WALSTRATA_URL, or http://127.0.0.1:8090.")
  private String url;

  @Option(names = "--json", description = "Print the answer as the job gave it.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Returns path and query, encoded. */
  abstract String pathAndQuery();

  /** Returns whether the answer is printed as the job gave it. */
  final boolean isJson() {
    return json;
  }

  /** Prints a good answer for people. */
  abstract void print(JobClient.Reply reply, PrintWriter out);

  @Override
  public final Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    JobClient.Reply reply = new JobClient(url).get(pathAndQuery());
    if (json) {
      out.println(reply.body());
    } else if (reply.isOk()) {
      print(reply, out);
    } else {
      Answers.Failure failure = reply.failure();
      LogSettings.say(
          spec.commandLine().getErr(), failure.message() + " (" + failure.code() + ")", null);
    }
    out.flush();
    return reply.exitStatus();
  }
}
