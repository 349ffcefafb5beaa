package io.walstrata.ingest.cli;

import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Says on standard error why a command failed: the message for what a user can act on, a stack
 * trace for what is a fault of ours, or if {@code WALSTRATA_STACKTRACE=true}.
 */
final class Failures implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult parseResult) {
    boolean expected =
        failure instanceof CommandFailedException
            || failure instanceof ConfigException
            || failure instanceof java.io.IOException
            || failure instanceof org.apache.kafka.common.KafkaException;
    String message = failure.getMessage();
    command
        .getErr()
        .println("walstrata: " + (message == null ? failure.getClass().getName() : message));
    if (!expected || Boolean.parseBoolean(System.getenv("WALSTRATA_STACKTRACE"))) {
      failure.printStackTrace(command.getErr());
    }
    return exitStatus(failure);
  }

  private static int exitStatus(Exception failure) {
    if (failure instanceof CommandFailedException known) {
      return known.exitStatus();
    }
    return failure instanceof ConfigException ? ExitStatus.USAGE : ExitStatus.FAILED;
  }
}
