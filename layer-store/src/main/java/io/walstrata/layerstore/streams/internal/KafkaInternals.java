package io.walstrata.layerstore.streams.internal;

import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.internals.FailedProcessingException;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;

/**
 * The only class that touches Kafka Streams' internal packages; {@code layer-store/
 * docs/streams-store.md} says why each is unavoidable. Tried with Kafka 4.3 and 4.4.
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
   * processing.exception.handler} that goes on: going on here would drop a record unseen.
   */
  static RuntimeException unhandleable(String processor, RuntimeException failure) {
    return new FailedProcessingException(processor, failure);
  }

  /** Returns a copy that may be changed. There is no public class to make headers of. */
  static Headers copy(Headers headers) {
    return new RecordHeaders(headers.toArray());
  }
}
