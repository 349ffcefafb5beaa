package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.start.LocalChecks;
import io.walstrata.ingest.start.StartupException;
import io.walstrata.layerstore.home.LayerHomes;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * A job in this process against a real broker: which starts it refuses, and what it leaves open.
 */
class StartIT extends WithJob {
  @Test
  void missingTopic_isNamed_orWaitedFor(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    assertRefused(config, "WAL topics do not exist", topic, broker.bootstrapServers());
    assertThat(directory.resolve("layers")).doesNotExist();

    Thread creator =
        new Thread(
            () -> {
              try {
                Thread.sleep(1_500);
                broker.createTopic(topic, 1, Map.of());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    creator.start();
    started(config(test, Map.of("startup.timeout.ms", "60000"))).close();
    creator.join();
  }

  @Test
  void compactedTopic_isRefused(TestInfo test) {
    IngestConfig config = config(test, Map.of());
    String topic = config.walTopics().get(0);
    broker.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
    assertRefused(config, "compacted", topic, "cleanup.policy=delete");
  }

  @Test
  void closedAtAnyStepOfTheStart_leavesNothingOpen(TestInfo test) throws Exception {
    IngestConfig config = config(test, Map.of("streams.num.standby.replicas", "1"));
    broker.createTopic(config.walTopics().get(0), 1, Map.of());
    List<String> steps = new CopyOnWriteArrayList<>();
    try (IngestJob job = new IngestJob(config)) {
      job.start(steps::add);
    }
    assertThat(steps).contains("state.dir", "checks begun", "streams made", "checked", "running");
    for (String step : steps) {
      IngestJob job = new IngestJob(config);
      List<Integer> ports = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  job.start(
                      reached -> {
                        if (reached.equals("streams made")) {
                          ports.add(job.url().getPort());
                        }
                        if (reached.equals(step)) {
                          job.close();
                        }
                      }))
          .as(step)
          .isInstanceOf(StartupException.class);
      job.close();
      // Another thread may have closed it, and be about to end that.
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                for (int port : ports) {
                  assertThatThrownBy(
                          () -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                      .as("listens, closed after " + step)
                      .isInstanceOf(ConnectException.class);
                }
                LayerHomes.directory(directory.resolve("layers")).claim(Duration.ZERO).close();
                LocalChecks.claimState(config).close();
              });
    }
  }
}
