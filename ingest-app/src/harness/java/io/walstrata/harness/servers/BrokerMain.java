package io.walstrata.harness.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/** The broker's process: formats its storage on the first start, then runs Kafka. */
public final class BrokerMain {
  private BrokerMain() {}

  /**
   * Runs the broker until the process is stopped.
   *
   * @param args the properties file and the data folder it names
   */
  public static void main(String[] args) {
    String properties = args[0];
    // Formatting here instead of in a process of its own saves the start of a JVM.
    if (!Files.exists(Path.of(args[1], "meta.properties"))) {
      String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", properties};
      int status = StorageTool.execute(format, System.out);
      if (status != 0) {
        System.exit(status);
      }
    }
    Kafka.main(new String[] {properties});
  }
}
