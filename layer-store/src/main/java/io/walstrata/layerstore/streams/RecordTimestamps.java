package io.walstrata.layerstore.streams;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Returns the record's own timestamp, 0 if negative, as a restore does. With another extractor
 * processing and restoring would have different freeze points, and one that returns a negative
 * number drops the record.
 */
public final class RecordTimestamps implements TimestampExtractor {
  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    return Math.max(0, record.timestamp());
  }
}
