package io.walstrata.ingest;

import io.walstrata.ingest.watch.BrokerWatch;
import io.walstrata.ingest.watch.RestoreProgress;
import java.io.Closeable;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the running job from time to time, in threads of its own, and logs what has changed. */
final class JobWatch implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(JobWatch.class);

  private static final long LOOK_SECONDS = 1;
  private static final long BROKER_SECONDS = 5;

  /** One waits for a broker that is away; restores go on being told of. */
  private static final int THREADS = 2;

  private final Admin admin;
  private final BrokerWatch broker;
  private final JobView view;
  private final RestoreProgress restores;
  private final ScheduledThreadPoolExecutor scheduler;
  private String held = "[]";

  /**
   * @param admin closed with this
   */
  JobWatch(Admin admin, JobView view, RestoreProgress restores) {
    this.admin = admin;
    this.broker = new BrokerWatch(admin, Clock.systemUTC());
    this.view = view;
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

  void start() {
    repeat(LOOK_SECONDS, this::look);
    repeat(BROKER_SECONDS, () -> broker.look(view.held()));
  }

  ScheduledThreadPoolExecutor scheduler() {
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
