package io.walstrata.ingest;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.query.GroupPeers;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.ingest.status.BrokerWatch;
import io.walstrata.ingest.status.JobHealth;
import io.walstrata.ingest.status.JobView;
import io.walstrata.ingest.status.JobWatch;
import io.walstrata.ingest.status.RegistryWatch;
import io.walstrata.ingest.status.RestoreProgress;
import io.walstrata.ingest.status.TopicWatch;
import io.walstrata.layerstore.streams.HistoryGuard;
import java.io.Closeable;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;

/** Kafka Streams, and what reads and watches it: the part of a job that needs it. Thread-safe. */
final class RunningJob implements Closeable {
  private final KafkaStreams streams;
  private final BrokerWatch broker;
  private final JobView view;
  private final JobHealth health;
  private final GroupPeers peers;
  private final JobWatch watch;

  /**
   * Puts the parts together; nothing runs before {@link #start}.
   *
   * @param streams stays the caller's to close
   * @param address where other instances reach this one, {@code host:port}
   * @param admin closed with this
   * @param partitions the number of partitions of each WAL topic
   * @param reads of the stores of {@code streams}
   */
  RunningJob(
      IngestConfig config,
      KafkaStreams streams,
      String address,
      Admin admin,
      Map<String, Integer> partitions,
      StoreReads reads,
      RestoreProgress restores,
      HistoryGuard guard,
      RegistryWatch registry) {
    this.streams = streams;
    broker = new BrokerWatch(admin, Clock.systemUTC());
    TopicWatch topics = new TopicWatch(admin, partitions);
    view =
        new JobView(
            config.applicationId(),
            address,
            reads,
            restores,
            streams,
            guard::nextOffset,
            broker::endOffset);
    health = new JobHealth(reads, restores, streams, registry::trouble);
    peers = new GroupPeers(streams, address, topics::partitions, view::held);
    watch = new JobWatch(admin, broker, topics, registry, view, restores);
  }

  /** Begins to ingest and to watch. */
  void start() {
    streams.start();
    watch.start();
  }

  KafkaStreams streams() {
    return streams;
  }

  JobView view() {
    return view;
  }

  JobHealth health() {
    return health;
  }

  GroupPeers peers() {
    return peers;
  }

  /** Returns the executor of the watch, which ends with it. */
  ScheduledExecutorService scheduler() {
    return watch.scheduler();
  }

  boolean isBrokerUp() {
    return broker.outage().isEmpty();
  }

  /** Returns what is wrong but does not keep reads from being answered. */
  List<String> warnings() {
    return watch.warnings();
  }

  /** Ends the watch. */
  @Override
  public void close() {
    watch.close();
  }
}
