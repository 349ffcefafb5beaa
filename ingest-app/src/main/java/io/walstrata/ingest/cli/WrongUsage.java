package io.walstrata.ingest.cli;

import java.util.Optional;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;

/** Says on standard error what is wrong with the arguments. */
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
    Optional<String> unusableName = FileNames.problem(failure);
    if (unusableName.isPresent() || LogSettings.isJson()) {
      LogSettings.say(
          failure.getCommandLine().getErr(),
          unusableName.orElseGet(() -> String.valueOf(failure.getMessage())),
          null);
      return ExitStatus.USAGE;
    }
    return standard.handleParseException(failure, args);
  }
}
