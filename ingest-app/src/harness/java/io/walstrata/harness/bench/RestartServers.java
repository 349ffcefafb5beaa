package io.walstrata.harness.bench;

import io.walstrata.harness.servers.BrokerServer;
import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.RegistryServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/**
 * What all restarts share.
 *
 * @param directory for the data of all
 */
record RestartServers(
    Distribution distribution, Path directory, BrokerServer broker, RegistryServer registry) {

  E2eTopic topic(String name, int valueBytes, long versions) {
    E2eCell cell = new E2eCell(E2eCell.Message.BATCH, valueBytes);
    return new E2eTopic(name, cell, versions, broker.bootstrapServers(), registry.url());
  }

  void deleteTopics(String prefix) throws IOException, InterruptedException {
    try (Admin admin = broker.admin()) {
      List<String> topics =
          admin.listTopics().names().get().stream()
              .filter(topic -> topic.startsWith(prefix))
              .toList();
      admin.deleteTopics(topics).all().get();
    } catch (ExecutionException e) {
      throw new IOException(
          "cannot delete topics: prefix=" + prefix + ", error=" + e.getCause(), e);
    }
  }
}
