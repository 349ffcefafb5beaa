package io.walstrata.ingest.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;

/** Reports on standard error what is wrong with the arguments. */
final class WrongUsage implements IParameterExceptionHandler {
  private final IParameterExceptionHandler standard;

  /**
   * @param standard prints the message and the usage
   */
  WrongUsage(IParameterExceptionHandler standard) {
    this.standard = standard;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] args) throws Exception {
    Optional<String> unusableName = unusableName(failure);
    if (unusableName.isPresent() || LogSettings.isJson()) {
      LogSettings.report(
          failure.getCommandLine().getErr(),
          unusableName.orElseGet(() -> String.valueOf(failure.getMessage())),
          null);
      return ExitStatus.USAGE;
    }
    return standard.handleParseException(failure, args);
  }

  /** The parser keeps the value, but not the exception that it met. */
  private static Optional<String> unusableName(ParameterException failure) {
    ArgSpec argument = failure.getArgSpec();
    String value = failure.getValue();
    if (argument == null
        || value == null
        || !Arrays.asList(argument.auxiliaryTypes()).contains(Path.class)) {
      return Optional.empty();
    }
    try {
      Path unused = Path.of(value);
      return Optional.empty();
    } catch (InvalidPathException e) {
      return FileNames.problem(e);
    }
  }
}
