package io.walstrata.ingest;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log what a start reads again. Many partitions restore at once. */
final class RestoreLog implements StateRestoreListener {
  private static final Logger LOG = LoggerFactory.getLogger(RestoreLog.class);

  private final Map<TopicPartition, Long> started = new ConcurrentHashMap<>();

  @Override
  public void onRestoreStart(TopicPartition partition, String store, long start, long end) {
    started.put(partition, System.nanoTime());
    LOG.info("restoring: partition={}, fromOffset={}, toOffset={}", partition, start, end);
  }

  @Override
  public void onBatchRestored(TopicPartition partition, String store, long end, long records) {
    // Too many to tell of each.
  }

  @Override
  public void onRestoreEnd(TopicPartition partition, String store, long records) {
    Long start = started.remove(partition);
    LOG.info(
        "restored: partition={}, records={}, ms={}",
        partition,
        records,
        start == null ? 0 : (System.nanoTime() - start) / 1_000_000);
  }
}
