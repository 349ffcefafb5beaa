package io.walstrata.ingest.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.apache.kafka.common.KafkaException;
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
            || failure instanceof IOException
            || failure instanceof KafkaException;
    command.getErr().println("walstrata: " + message(failure));
    if (!expected || Boolean.parseBoolean(System.getenv("WALSTRATA_STACKTRACE"))) {
      failure.printStackTrace(command.getErr());
    }
    return exitStatus(failure);
  }

  /** The message of a file's error is only its path: what happened is in the class. */
  private static String message(Exception failure) {
    String message = failure.getMessage();
    return message == null || failure instanceof FileSystemException ? failure.toString() : message;
  }

  private static int exitStatus(Exception failure) {
    if (failure instanceof CommandFailedException known) {
      return known.exitStatus();
    }
    return failure instanceof ConfigException ? ExitStatus.USAGE : ExitStatus.FAILED;
  }
}
