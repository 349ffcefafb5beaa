package io.walstrata.ingest.status;

import io.walstrata.ingest.http.Threads;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the running job at intervals, in threads of its own, and logs what has changed. */
public final class JobWatch implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(JobWatch.class);

  private static final long PARTITIONS_SECONDS = 1;
  private static final long BROKER_SECONDS = 5;
  private static final long REGISTRY_SECONDS = 5;

  /** One waits for a broker that is away, one for a registry; restores are still reported. */
  private static final int THREADS = 3;

  private final Admin admin;
  private final BrokerWatch broker;
  private final TopicWatch topics;
  private final RegistryWatch registry;
  private final SplitTimelines splits = new SplitTimelines();
  private final JobView view;
  private final RestoreProgress restores;
  private final ScheduledThreadPoolExecutor scheduler;
  private String held = "[]"; // of the one task that checks partitions

  /**
   * @param admin closed with this
   */
  public JobWatch(
      Admin admin,
      BrokerWatch broker,
      TopicWatch topics,
      RegistryWatch registry,
      JobView view,
      RestoreProgress restores) {
    this.admin = admin;
    this.broker = broker;
    this.topics = topics;
    this.registry = registry;
    this.view = view;
    this.restores = restores;
    this.scheduler = Threads.scheduler("watch", THREADS);
  }

  /** Begins. */
  public void start() {
    repeat(PARTITIONS_SECONDS, this::checkPartitions);
    repeat(BROKER_SECONDS, this::checkBroker);
    repeat(REGISTRY_SECONDS, registry::check);
  }

  /** Returns whether the broker is away, and what is wrong with what producers send. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    broker.outage().ifPresent(outage -> warnings.add(outage.toString()));
    warnings.addAll(splits.warnings());
    return warnings;
  }

  /** Returns the executor of the checks, which ends with this. */
  public ScheduledThreadPoolExecutor scheduler() {
    return scheduler;
  }

  private void repeat(long seconds, Runnable check) {
    Future<?> unused =
        scheduler.scheduleWithFixedDelay(
            () -> runLogged(check), /* initialDelay= */ 0, seconds, TimeUnit.SECONDS);
  }

  /** Runs a check and throws nothing: a task that throws would never be run again. */
  private static void runLogged(Runnable check) {
    try {
      check.run();
    } catch (RuntimeException e) {
      LOG.debug("a check of the job failed", e);
    }
  }

  private void checkBroker() {
    splits.check(view.partitions());
    try {
      broker.check(view.held());
      if (broker.outage().isEmpty()) {
        topics.check();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void checkPartitions() {
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
