package io.walstrata.ingest.cli;

import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Errors;
import io.walstrata.ingest.http.JobClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Asks a running job and prints the answer for people, or with {@code --json} as the job gave it. A
 * failure is printed to standard error, with {@code --json} to standard output.
 */
abstract class QueryCommand implements Callable<Integer> {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${WALSTRATA_URL:-http://127.0.0.1:8090}",
      description = "Where the job listens. Default: $WALSTRATA_URL, or http://127.0.0.1:8090.")
  private String url;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = {
        "Read the layer files below this directory instead of asking a job; nothing else needs to"
            + " run. Only what is durable is there. Not for status."
      })
  private @Nullable Path home;

  @Option(names = "--json", description = "Print the answer as JSON, as the job gave it.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Returns path and query, encoded. */
  abstract String pathAndQuery();

  /** Returns whether the answer is printed as the job gave it. */
  final boolean isJson() {
    return json;
  }

  /** Returns whether {@link #print} prints a good answer also with {@code --json}. */
  boolean isPrintedByItself() {
    return false;
  }

  /** Returns whether layer files can answer too. */
  boolean isAnsweredByFiles() {
    return true;
  }

  /** Prints a good answer for people. */
  abstract void print(JobClient.Reply reply, PrintWriter out) throws IOException;

  @Override
  public final Integer call() throws InterruptedException {
    JobClient.Reply reply = ask();
    try {
      print(reply);
      return exitStatus(reply);
    } catch (IOException e) {
      throw new CommandFailedException(ExitStatus.FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private JobClient.Reply ask() throws InterruptedException {
    Path directory = home;
    if (directory == null) {
      return ask(url);
    }
    if (!isAnsweredByFiles()) {
      throw new CommandFailedException(
          ExitStatus.USAGE,
          spec.name() + " is that of a running job, layer files have none: leave out --home");
    }
    try (HomeServer server = HomeServer.start(directory)) {
      return ask(server.url());
    } catch (IOException e) {
      throw new CommandFailedException(ExitStatus.FAILED, Failures.of(directory, e), e);
    }
  }

  /** Sends the request; by default, for JSON. */
  JobClient.Reply send(JobClient client, String pathAndQuery)
      throws IOException, InterruptedException {
    return client.get(pathAndQuery);
  }

  private JobClient.Reply ask(String url) throws InterruptedException {
    String question = pathAndQuery();
    JobClient client;
    try {
      client = new JobClient(url, CONNECT_TIMEOUT, ANSWER_TIMEOUT);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
    try {
      return send(client, question);
    } catch (IOException e) {
      throw new CommandFailedException(
          ExitStatus.UNAVAILABLE,
          "the job does not answer, is it running there? (--url): url="
              + client.url(question)
              + ", error="
              + e,
          e);
    }
  }

  private void print(JobClient.Reply reply) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json && !(reply.isOk() && isPrintedByItself())) {
      out.println(reply.text());
    } else if (reply.isOk()) {
      print(reply, out);
    } else {
      Answers.Failure failure = reply.failure();
      LogSettings.report(
          spec.commandLine().getErr(), failure.message() + " (" + failure.code() + ")", null);
    }
    out.flush();
  }

  private static int exitStatus(JobClient.Reply reply) throws IOException {
    return switch (reply.status()) {
      case 200 -> ExitStatus.OK;
      case 400 -> ExitStatus.USAGE;
      case 404 ->
          isFailure(reply, Errors.Code.BEFORE_HISTORY) ? ExitStatus.BEFORE_HISTORY : ExitStatus.NO;
      case 409 ->
          isFailure(reply, Errors.Code.LSN_NOT_REACHED)
              ? ExitStatus.NOT_REACHED
              : ExitStatus.FAILED;
      case 503 -> ExitStatus.UNAVAILABLE;
      default -> ExitStatus.FAILED;
    };
  }

  private static boolean isFailure(JobClient.Reply reply, Errors.Code code) throws IOException {
    return reply.code().equals(Optional.of(code));
  }
}
