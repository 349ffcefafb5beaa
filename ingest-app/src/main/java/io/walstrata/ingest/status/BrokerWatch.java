package io.walstrata.ingest.status;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whether a broker answers, and where partitions end. Kafka Streams does not report that its
 * brokers are away: its clients retry without limit. One thread calls {@link #check}; any may ask.
 */
public final class BrokerWatch {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerWatch.class);

  private static final int CALL_TIMEOUT_MS = 5_000;

  private final Admin admin;
  private final Clock clock;
  private final Map<TopicPartition, Long> endOffsets = new ConcurrentHashMap<>();
  private volatile @Nullable Outage outage;

  /** The time since when no broker has answered, and the last error. */
  public record Outage(Instant since, String lastError) {
    @Override
    public String toString() {
      return "no broker answers since " + since + ": " + lastError;
    }
  }

  /**
   * @param admin stays the caller's to close
   */
  public BrokerWatch(Admin admin, Clock clock) {
    this.admin = admin;
    this.clock = clock;
  }

  /**
   * Asks once; takes some seconds while no broker answers.
   *
   * @param partitions whose end offsets to ask for; those of others are discarded
   */
  public void check(Set<TopicPartition> partitions) throws InterruptedException {
    endOffsets.keySet().retainAll(partitions);
    try {
      admin.describeCluster(new DescribeClusterOptions().timeoutMs(CALL_TIMEOUT_MS)).nodes().get();
    } catch (ExecutionException e) {
      failed(String.valueOf(e.getCause()));
      return;
    }
    answered();
    if (!partitions.isEmpty()) {
      askForEnds(partitions);
    }
  }

  /** A partition whose end is not known keeps its last one: its leader may be moving. */
  private void askForEnds(Set<TopicPartition> partitions) throws InterruptedException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    ListOffsetsResult ends =
        admin.listOffsets(
            latest,
            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED).timeoutMs(CALL_TIMEOUT_MS));
    for (TopicPartition partition : partitions) {
      try {
        endOffsets.put(partition, ends.partitionResult(partition).get().offset());
      } catch (ExecutionException e) {
        LOG.debug("cannot read the end offset of a partition: partition={}", partition, e);
      }
    }
  }

  private void failed(String error) {
    Outage before = outage;
    outage = new Outage(before == null ? clock.instant() : before.since(), error);
    if (before == null) {
      LOG.warn("no broker answers, waiting for one: error={}", error);
    }
  }

  private void answered() {
    Outage over = outage;
    if (over != null) {
      outage = null;
      LOG.info(
          "a broker answers again: awaySeconds={}",
          Duration.between(over.since(), clock.instant()).toSeconds());
    }
  }

  /** Returns since when no broker has answered; empty if one did the last time. */
  public Optional<Outage> outage() {
    return Optional.ofNullable(outage);
  }

  /** Returns the offset after a partition's last committed record, as of the last answer. */
  public OptionalLong endOffset(String topic, int partition) {
    Long end = endOffsets.get(new TopicPartition(topic, partition));
    return end == null ? OptionalLong.empty() : OptionalLong.of(end);
  }
}
