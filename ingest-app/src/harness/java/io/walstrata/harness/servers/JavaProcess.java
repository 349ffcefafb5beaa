package io.walstrata.harness.servers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Any Java program of the distribution as a child process. It is ready as soon as it runs. */
public final class JavaProcess extends EmbeddedServer {
  private final List<String> command = new ArrayList<>();

  /**
   * @param classPath of the job, or of the harness
   * @param folder for the log
   * @param options of the JVM
   * @param mainClass in the class path
   */
  public JavaProcess(
      String classPath,
      String name,
      Path folder,
      List<String> options,
      String mainClass,
      List<String> arguments) {
    super(name, folder);
    command.add(Distribution.java());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, mainClass));
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
