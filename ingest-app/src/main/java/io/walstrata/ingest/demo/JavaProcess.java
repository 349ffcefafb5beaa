package io.walstrata.ingest.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Any Java program of the distribution as a child process. It is ready as soon as it runs. */
public final class JavaProcess extends EmbeddedServer {
  private final List<String> command = new ArrayList<>();

  /**
   * @param folder for the log
   * @param options of the JVM
   * @param mainClass in the distribution's class path
   */
  public JavaProcess(
      Distribution distribution,
      String name,
      Path folder,
      List<String> options,
      String mainClass,
      List<String> arguments) {
    super(name, folder);
    command.add(Distribution.java());
    command.addAll(options);
    command.addAll(List.of("-cp", distribution.classPath(), mainClass));
    command.addAll(arguments);
  }

  @Override
  void prepare() {}

  @Override
  void choosePorts() {}

  @Override
  List<String> command() {
    return command;
  }

  @Override
  boolean isReady() {
    return true;
  }
}
