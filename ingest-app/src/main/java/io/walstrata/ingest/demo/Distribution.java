package io.walstrata.ingest.demo;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder that {@code bin/walstrata} runs from: {@code lib/} with everything, {@code demo/} with
 * the servers that only the demo and the tests start.
 */
public final class Distribution {
  /** System property that names the folder; without it the place of the running jar decides. */
  public static final String PROPERTY = "walstrata.distribution";

  private final Path root;

  private Distribution(Path root) {
    this.root = root;
  }

  /**
   * Finds the distribution of the running program.
   *
   * @throws ServerException if there is none: the classes run from a build tree that was not
   *     packaged
   */
  public static Distribution locate() {
    String property = System.getProperty(PROPERTY);
    Path root = property != null ? Path.of(property) : aboveRunningJar();
    if (root == null || !Files.isDirectory(root.resolve("lib"))) {
      throw new ServerException(
          "no distribution found: "
              + PROPERTY
              + "="
              + property
              + ", running from "
              + runningFrom()
              + "; build it with `mvn package`, or set -D"
              + PROPERTY);
    }
    return new Distribution(root.toAbsolutePath().normalize());
  }

  private static @Nullable Path aboveRunningJar() {
    Path jar = runningFrom();
    Path lib = jar == null ? null : jar.getParent();
    return lib == null ? null : lib.getParent();
  }

  private static @Nullable Path runningFrom() {
    CodeSource source = Distribution.class.getProtectionDomain().getCodeSource();
    try {
      return source == null ? null : Path.of(source.getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new ServerException("the running jar has no usable path: " + source, e);
    }
  }

  public Path root() {
    return root;
  }

  /** Returns the class path of the job and the command line: a jar that names the others. */
  public String classPath() {
    return root.resolve("lib").resolve("ingest-app.jar").toString();
  }

  /** Returns the class path of the broker's process. */
  public String brokerClassPath() {
    return demo().resolve("broker") + File.separator + "*" + File.pathSeparator + classPath();
  }

  /** Returns the registry as it came, a {@code .tar.gz}. */
  public Path registryArchive() {
    return demo().resolve("registry.tar.gz");
  }

  /** Returns PostgreSQL as it came, a jar around a {@code .txz}. */
  public Path postgresArchive() {
    return demo().resolve("postgres.jar");
  }

  /** Returns the folder of the archives; what is unpacked beside them is there for all users. */
  Path demo() {
    return root.resolve("demo");
  }

  /** Returns how to call the launcher from the working directory. */
  String launcher() {
    Path here = Path.of("").toAbsolutePath();
    return Stream.of(root.resolve("bin/walstrata"), root.resolve("../../bin/walstrata").normalize())
        .filter(Files::isExecutable)
        .map(path -> path.startsWith(here) ? here.relativize(path).toString() : path.toString())
        .findFirst()
        .orElse("walstrata");
  }

  /** Returns the Java program that runs this process, for children that are JVMs too. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
