package io.walstrata.ingest.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walstrata.harness.servers.JobProcess;
import io.walstrata.layerstore.streams.DeadLetterHeaders;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What compression makes small at the broker, and what a job with a heap of 512 MB makes of it. */
class CompressedIT extends WithServers {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final int MIB = 1 << 20;

  private static KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "compression.type",
            "zstd",
            "linger.ms",
            "50",
            "batch.size",
            16 * MIB,
            "buffer.memory",
            256L * MIB,
            "max.request.size",
            512 * MIB),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** Records that are no messages become dead letters, so each is in memory once more. */
  @Test
  void farMoreThanTheHeap_unpacked_goesThrough() throws Exception {
    broker.createTopic("unpacked", 16, Map.of("max.message.bytes", "20000000"));
    byte[] value = new byte[MIB];
    byte[] noise = new byte[MIB / 10];
    new Random(3).nextBytes(noise);
    System.arraycopy(noise, 0, value, 0, noise.length);
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int record = 0; record < 60; record++) {
        for (int partition = 0; partition < 16; partition++) {
          producer.send(new ProducerRecord<>("unpacked", partition, new byte[] {1}, value));
        }
      }
      for (int record = 0; record < 1000; record++) {
        producer.send(new ProducerRecord<>("unpacked", 0, new byte[] {1}, new byte[MIB]));
      }
    }
    try (JobProcess job = process("unpacked", Map.of())) {
      job.start();
      assertThat(deadLetters("unpacked", 1960)).isEqualTo(1960);
      assertThat(job.isRunning()).isTrue();
      job.restart();
      assertThat(job.isRunning()).isTrue();
    }
  }

  private static int deadLetters(String topic, int expected) {
    List<Long> offsets = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", broker.bootstrapServers(),
                "auto.offset.reset", "earliest",
                "max.poll.records", "20"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition letters = new TopicPartition(topic + "-dead-letters", 0);
      consumer.assign(List.of(letters));
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                for (ConsumerRecord<byte[], byte[]> letter :
                    consumer.poll(Duration.ofMillis(300))) {
                  assertThat(DeadLetterHeaders.read(letter.headers(), DeadLetterHeaders.REASON))
                      .isPresent();
                  offsets.add(letter.offset());
                }
                return offsets.size() >= expected;
              });
    }
    return offsets.size();
  }

  @Test
  void recordThatNoHeapOfThisSizeTakes_isNamed() throws Exception {
    broker.createTopic("oversize", 1, Map.of());
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.send(new ProducerRecord<>("oversize", 0, new byte[] {1}, new byte[] {1}));
      producer.flush();
      producer.send(new ProducerRecord<>("oversize", 0, new byte[] {1}, new byte[130 * MIB]));
    }
    try (JobProcess job = process("oversize", Map.of())) {
      job.launch();
      await().atMost(PATIENCE).until(() -> !job.isRunning());
      assertThat(Files.readString(job.logFile()))
          .contains(
              "a record is larger, unpacked, than this process takes",
              "topic=oversize, partition=0, offset=1, sizeBytes=" + (130 * MIB + 201),
              "limitBytes=");
    }
  }
}
