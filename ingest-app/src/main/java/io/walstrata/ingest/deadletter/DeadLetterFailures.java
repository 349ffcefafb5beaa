package io.walstrata.ingest.deadletter;

import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Notes which dead letter could not be written: Kafka Streams reports neither its record nor what
 * to change. Whether the stream stops is decided as by default. Kafka Streams makes it, by name.
 */
public final class DeadLetterFailures extends DefaultProductionExceptionHandler {
  /** Name of the setting that has the note, an {@link AtomicReference} of text. */
  static final String NOTE = "walstrata.dead.letter.failure";

  private Optional<AtomicReference<String>> note = Optional.empty();

  @Override
  @SuppressWarnings("unchecked") // the job puts nothing else there
  public void configure(Map<String, ?> settings) {
    super.configure(settings);
    if (settings.get(NOTE) instanceof AtomicReference<?> reference) {
      note = Optional.of((AtomicReference<String>) reference);
    }
  }

  /** Makes Kafka Streams use this class, with a note of the job's, unless another class is set. */
  public static void addTo(Map<Object, Object> settings, AtomicReference<String> note) {
    String handler = StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG;
    if (!settings.containsKey("default." + handler) // its name before, which is still taken
        && settings.putIfAbsent(handler, DeadLetterFailures.class) == null) {
      settings.put(NOTE, note);
    }
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> letter, Exception failure) {
    Response response = super.handleError(context, letter, failure);
    if (response.result() == Result.FAIL) {
      note.ifPresent(reference -> reference.set(describe(letter, failure)));
    }
    return response;
  }

  static String describe(ProducerRecord<byte[], byte[]> letter, Exception failure) {
    Headers headers = letter.headers();
    String advice =
        failure instanceof RecordTooLargeException
            ? "; raise "
                + TopicConfig.MAX_MESSAGE_BYTES_CONFIG
                + " of the dead-letter topic (and "
                + IngestSettings.STREAMS_PREFIX
                + StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG)
                + " or "
                + ProducerConfig.BUFFER_MEMORY_CONFIG
                + ", if set) to more than the size, and start again"
            : "";
    return "a bad record cannot be written to the dead-letter topic: topic="
        + header(headers, DeadLetterHeaders.TOPIC)
        + ", partition="
        + header(headers, DeadLetterHeaders.PARTITION)
        + ", offset="
        + header(headers, DeadLetterHeaders.OFFSET)
        + ", reason="
        + header(headers, DeadLetterHeaders.REASON)
        + ", sizeBytes="
        + sizeBytes(letter)
        + ", deadLetterTopic="
        + letter.topic()
        + ", error="
        + failure.getMessage()
        + advice;
  }

  private static String header(Headers headers, String name) {
    return DeadLetterHeaders.read(headers, name).orElse("unknown");
  }

  private static long sizeBytes(ProducerRecord<byte[], byte[]> letter) {
    long bytes = length(letter.key()) + length(letter.value());
    for (var header : letter.headers()) {
      bytes += header.key().length() + length(header.value());
    }
    return bytes;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
