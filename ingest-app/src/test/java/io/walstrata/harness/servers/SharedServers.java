package io.walstrata.harness.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;

/**
 * A broker and a registry for all test classes of this JVM, each started when it is first asked for
 * and killed when the JVM exits. Topics, applications and slots of a test have names that no other
 * test has. A test that stops a server starts it again; if it failed before it could, the next one
 * to ask does that.
 */
public final class SharedServers {
  private static final Path FOLDER = createFolder();
  private static final BrokerServer BROKER =
      new BrokerServer(Distribution.locate(), FOLDER.resolve("broker"));
  private static final RegistryServer REGISTRY =
      new RegistryServer(Distribution.locate(), FOLDER.resolve("registry"));

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(SharedServers::end, "end-shared-servers"));
  }

  private SharedServers() {}

  public static BrokerServer broker() {
    return running(BROKER);
  }

  public static RegistryServer registry() {
    return running(REGISTRY);
  }

  private static synchronized <S extends EmbeddedServer> S running(S server) {
    if (!server.isRunning()) {
      server.start();
    }
    return server;
  }

  private static Path createFolder() {
    try {
      return Files.createTempDirectory("walstrata-it-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Nothing here is needed again, so nothing is stopped in good order. */
  private static void end() {
    REGISTRY.kill();
    BROKER.kill();
    try {
      FileUtils.deleteDirectory(FOLDER.toFile());
    } catch (IOException e) {
      System.err.println("could not delete " + FOLDER + ": " + e);
    }
  }
}
