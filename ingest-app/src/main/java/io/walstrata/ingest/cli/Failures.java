package io.walstrata.ingest.cli;

import io.walstrata.layerstore.page.UnsupportedFormatException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Reports on standard error why a command failed: the message if a user can act on it, a stack
 * trace if it is a fault of the program, or if {@code WALSTRATA_STACKTRACE=true}.
 */
final class Failures implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult parseResult) {
    Optional<String> unusableName = FileNames.problem(failure);
    boolean expected =
        unusableName.isPresent()
            || failure instanceof CommandFailedException
            || failure instanceof ConfigException
            || failure instanceof IOException
            || failure instanceof KafkaException;
    boolean withTrace = !expected || Boolean.parseBoolean(System.getenv("WALSTRATA_STACKTRACE"));
    LogSettings.report(
        command.getErr(),
        unusableName.orElseGet(() -> message(failure)),
        withTrace ? failure : null);
    return unusableName.isPresent() ? ExitStatus.USAGE : exitStatus(failure);
  }

  /** Returns the message of an error of a file, with the file. */
  static String of(Path file, IOException failure) {
    return failure instanceof NoSuchFileException
        ? "no such file: file=" + file
        : "cannot read: file=" + file + ", error=" + message(failure);
  }

  /**
   * Returns the message; a file's error has only its path there, and what happened in its class.
   */
  private static String message(Exception failure) {
    String message = failure.getMessage();
    return message == null || failure instanceof FileSystemException ? failure.toString() : message;
  }

  private static int exitStatus(Exception failure) {
    if (failure instanceof CommandFailedException known) {
      return known.exitStatus();
    }
    if (failure instanceof UnsupportedFormatException) {
      return ExitStatus.UNKNOWN_VERSION;
    }
    return failure instanceof ConfigException ? ExitStatus.USAGE : ExitStatus.FAILED;
  }
}
