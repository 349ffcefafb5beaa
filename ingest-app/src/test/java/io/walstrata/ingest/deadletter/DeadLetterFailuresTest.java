package io.walstrata.ingest.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class DeadLetterFailuresTest {
  private static ProducerRecord<byte[], byte[]> letter() {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>("letters", new byte[16], new byte[3_000_000]);
    Map.of(
            DeadLetterHeaders.TOPIC, "wal",
            DeadLetterHeaders.PARTITION, "3",
            DeadLetterHeaders.OFFSET, "41",
            DeadLetterHeaders.REASON, "undecodable")
        .forEach((name, text) -> letter.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    return letter;
  }

  @Test
  void letterThatIsTooLarge_isNamedWithItsSizeAndTheSettings() {
    assertThat(DeadLetterFailures.describe(letter(), new RecordTooLargeException("3 MB")))
        .contains("topic=wal", "partition=3", "offset=41", "reason=undecodable", "sizeBytes=3000")
        .contains("deadLetterTopic=letters", "error=3 MB")
        .contains("max.message.bytes", "streams.producer.max.request.size", "buffer.memory");
  }

  @Test
  void anotherFailure_isNamedWithoutThatAdvice() {
    assertThat(DeadLetterFailures.describe(letter(), new TopicAuthorizationException("denied")))
        .contains("offset=41", "error=denied")
        .doesNotContain("max.message.bytes");
  }

  @Test
  void handlerOfTheUser_isKept() {
    Map<Object, Object> settings = new HashMap<>();
    settings.put("production.exception.handler", "their.Handler");
    DeadLetterFailures.addTo(settings, new AtomicReference<>());
    assertThat(settings).containsOnlyKeys("production.exception.handler");
  }
}
