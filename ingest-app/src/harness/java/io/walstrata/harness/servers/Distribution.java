package io.walstrata.harness.servers;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder that {@code bin/walstrata} runs from: {@code lib/} with the job and the command line,
 * {@code harness/} with the jar of this class and the servers that it starts.
 */
public final class Distribution {
  /** System property that names the folder; without it the location of the running jar decides. */
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
    Path folder = jar == null ? null : jar.getParent();
    return folder == null ? null : folder.getParent();
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

  /** Returns the class path of the programs of the harness: its jar, and all that the job has. */
  public String harnessClassPath() {
    return harness().resolve("ingest-app-harness.jar") + File.pathSeparator + classPath();
  }

  /** Returns the class path of the broker's process. */
  public String brokerClassPath() {
    return harness().resolve("broker")
        + (File.separator + "*" + File.pathSeparator)
        + harnessClassPath();
  }

  /** Returns the registry as it came, a {@code .tar.gz}. */
  public Path registryArchive() {
    return harness().resolve("registry.tar.gz");
  }

  /** Returns PostgreSQL as it came, a jar around a {@code .txz}. */
  public Path postgresArchive() {
    return harness().resolve("postgres.jar");
  }

  /** Returns the folder of the archives; what is unpacked beside them is there for all users. */
  Path harness() {
    return root.resolve("harness");
  }

  /** Returns how to call the launcher from the working directory. */
  public String launcher() {
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
