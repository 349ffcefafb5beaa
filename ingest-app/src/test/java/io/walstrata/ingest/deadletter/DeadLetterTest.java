package io.walstrata.ingest.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
  private final Headers headers = new RecordHeaders();

  private void add(String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void listing_keepsTheLengthsOfALetter_andNotItsBytes() {
    add(DeadLetterHeaders.TOPIC, "wal");
    add(DeadLetterHeaders.PARTITION, "3");
    add(DeadLetterHeaders.OFFSET, "17");
    byte[] read =
        new DeadLetterClients.Lengths()
            .deserialize("letters", headers, ByteBuffer.wrap(new byte[1000]));
    assertThat(read).isEmpty();
    ConsumerRecord<byte[], byte[]> letter =
        new ConsumerRecord<>(
            "letters",
            0,
            5,
            1,
            TimestampType.CREATE_TIME,
            20,
            1000,
            read,
            read,
            headers,
            Optional.empty());
    assertThat(DeadLetter.of(letter))
        .hasValueSatisfying(
            it -> {
              assertThat(it.keyBytes()).isEqualTo(20);
              assertThat(it.valueBytes()).isEqualTo(1000);
              assertThat(it.offset()).isEqualTo(17);
            });
  }
}
