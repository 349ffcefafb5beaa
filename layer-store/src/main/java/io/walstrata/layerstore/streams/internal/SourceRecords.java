package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.RawRecord;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Returns the {@link RawRecord} of a record that a child of the source is given. */
final class SourceRecords {
  private SourceRecords() {}

  static RawRecord raw(ProcessingContext context, Record<byte[], byte[]> record) {
    RecordMetadata metadata =
        context
            .recordMetadata()
            .orElseThrow(
                () -> new IllegalStateException("the record does not come from a source topic"));
    return new RawRecord(
        metadata.topic(),
        metadata.partition(),
        metadata.offset(),
        record.timestamp(),
        record.key(),
        record.value(),
        record.headers());
  }
}
