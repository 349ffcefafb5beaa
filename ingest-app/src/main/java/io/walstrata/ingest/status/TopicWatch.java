package io.walstrata.ingest.status;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of the WAL topics, to which some may be added while the job runs: until the group
 * has assigned a new one, no instance may answer that a timeline does not exist. One thread calls
 * {@link #check}; any may ask.
 */
public final class TopicWatch {
  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);

  private static final int CALL_TIMEOUT_MS = 5_000;

  private final Admin admin;
  private volatile Map<String, Integer> partitions;

  /**
   * @param admin stays the caller's to close
   * @param partitions the number of partitions of each topic at the start
   */
  public TopicWatch(Admin admin, Map<String, Integer> partitions) {
    this.admin = admin;
    this.partitions = new TreeMap<>(partitions);
  }

  /** Asks the broker once; logs a change. After a failure the last answer stays. */
  void check() throws InterruptedException {
    Map<String, Integer> before = partitions;
    Map<String, Integer> now = new TreeMap<>();
    try {
      admin
          .describeTopics(before.keySet(), new DescribeTopicsOptions().timeoutMs(CALL_TIMEOUT_MS))
          .allTopicNames()
          .get()
          .forEach((topic, description) -> now.put(topic, description.partitions().size()));
    } catch (ExecutionException e) {
      LOG.debug("cannot describe the topics: topics={}", before.keySet(), e);
      return;
    }
    if (!now.equals(before)) {
      LOG.info("the topics' partitions have changed: before={}, now={}", before, now);
      partitions = now;
    }
  }

  /** Returns the partitions of all topics. */
  public Set<TopicPartition> partitions() {
    Set<TopicPartition> all = new HashSet<>();
    partitions.forEach(
        (topic, count) -> {
          for (int partition = 0; partition < count; partition++) {
            all.add(new TopicPartition(topic, partition));
          }
        });
    return all;
  }
}
