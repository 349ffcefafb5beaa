package io.walstrata.ingest.status;

import io.walstrata.ingest.query.GroupPeers;
import java.io.Closeable;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the running job from time to time, in threads of its own, and logs what has changed. */
public final class JobWatch implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(JobWatch.class);

  private static final long LOOK_SECONDS = 1;
  private static final long BROKER_SECONDS = 5;
  private static final int CALL_TIMEOUT_MS = 5_000;

  /** One waits for a broker that is away, one for a registry; restores are still reported. */
  private static final int THREADS = 3;

  private final Admin admin;
  private final BrokerWatch broker;
  private final SplitTimelines splits = new SplitTimelines();
  private final List<String> topics;
  private final JobView view;
  private final GroupPeers peers;
  private final RestoreProgress restores;
  private final ScheduledThreadPoolExecutor scheduler;
  private String held = "[]";
  private Map<String, Integer> partitions = Map.of();

  /**
   * @param admin closed with this
   * @param topics the WAL topics
   * @param peers is told how many partitions these have
   */
  public JobWatch(
      Admin admin, List<String> topics, JobView view, GroupPeers peers, RestoreProgress restores) {
    this.admin = admin;
    this.broker = new BrokerWatch(admin, Clock.systemUTC());
    this.topics = topics;
    this.view = view;
    this.peers = peers;
    this.restores = restores;
    this.scheduler =
        new ScheduledThreadPoolExecutor(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "watch");
              thread.setDaemon(true);
              return thread;
            });
    scheduler.setRemoveOnCancelPolicy(true);
    view.watching(broker);
  }

  public void start() {
    repeat(LOOK_SECONDS, this::look);
    repeat(BROKER_SECONDS, this::lookAtBroker);
  }

  /** Returns what is wrong with what producers send, as far as it shows here. */
  public List<String> warnings() {
    return splits.warnings();
  }

  public ScheduledThreadPoolExecutor scheduler() {
    return scheduler;
  }

  private interface Looking {
    void run() throws InterruptedException;
  }

  private void repeat(long seconds, Looking looking) {
    Future<?> unused =
        scheduler.scheduleWithFixedDelay(
            () -> quietly(looking), /* initialDelay= */ 0, seconds, TimeUnit.SECONDS);
  }

  /** A task that throws would never be run again. */
  private static void quietly(Looking looking) {
    try {
      looking.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.debug("could not look at the job", e);
    }
  }

  private void lookAtBroker() throws InterruptedException {
    splits.look(view.partitions());
    broker.look(view.held());
    if (broker.outage().isEmpty()) {
      lookAtTopics();
    }
  }

  /** Before the group has given a new partition to somebody, nobody may say that it has nothing. */
  private void lookAtTopics() throws InterruptedException {
    Map<String, Integer> now = new TreeMap<>();
    try {
      admin
          .describeTopics(topics, new DescribeTopicsOptions().timeoutMs(CALL_TIMEOUT_MS))
          .allTopicNames()
          .get()
          .forEach((topic, description) -> now.put(topic, description.partitions().size()));
    } catch (ExecutionException e) {
      LOG.debug("could not look at the topics: topics={}", topics, e);
      return;
    }
    if (!now.equals(partitions)) {
      peers.know(now);
      if (!partitions.isEmpty()) {
        LOG.info("the topics' partitions have changed: before={}, now={}", partitions, now);
      }
      partitions = now;
    }
  }

  private void look() {
    restores.log(view::restoredBytes);
    Set<String> names = new TreeSet<>();
    for (TopicPartition partition : view.held()) {
      names.add(partition.toString());
    }
    String now = names.toString();
    if (!now.equals(held)) {
      LOG.info("partitions of this instance: before={}, now={}", held, now);
      held = now;
    }
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
    admin.close(Duration.ofSeconds(1));
  }
}
