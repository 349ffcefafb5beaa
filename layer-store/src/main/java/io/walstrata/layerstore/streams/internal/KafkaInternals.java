package io.walstrata.layerstore.streams.internal;

import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.internals.FailedProcessingException;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;

/**
 * Contains all uses of Kafka Streams' internal packages; {@code layer-store/docs/streams-store.md}
 * states why each is unavoidable. Tested with Kafka 4.3 and 4.4.
 */
final class KafkaInternals {
  private KafkaInternals() {}

  /**
   * Returns a restore callback that is given whole records: the public ones get neither offset nor
   * timestamp nor headers.
   */
  static StateRestoreCallback restoreCallback(Consumer<ConsumerRecord<byte[], byte[]>> each) {
    RecordBatchingStateRestoreCallback callback = records -> records.forEach(each);
    return callback;
  }

  /**
   * Returns an exception that stops the task even if the application has set a {@code
   * processing.exception.handler} that continues: continuing here would lose a record without
   * notice.
   */
  static RuntimeException unhandleable(String processor, RuntimeException failure) {
    return new FailedProcessingException(processor, failure);
  }

  /** Returns a copy that may be changed. Kafka has no public class that implements headers. */
  static Headers copy(Headers headers) {
    return new RecordHeaders(headers.toArray());
  }
}
