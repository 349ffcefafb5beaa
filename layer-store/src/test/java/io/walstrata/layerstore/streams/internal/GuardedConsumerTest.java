package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.StoreHarness.PARTITION;
import static io.walstrata.layerstore.streams.internal.TextWal.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.streams.PollLimits;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the consumer does with pauses, its own and those of Kafka Streams. */
class GuardedConsumerTest {
  private static final TopicPartition OTHER = new TopicPartition(TestLog.TOPIC, 1);
  private static final Duration NONE = Duration.ZERO;

  @TempDir Path directory;
  private final MockConsumer<byte[], byte[]> inner = new MockConsumer<>("none");
  private final AtomicLong nanos = new AtomicLong();
  private TopicGuard guard;
  private StoreHarness store;
  private GuardedConsumer consumer;
  private List<ConsumerRecord<byte[], byte[]>> log;

  @BeforeEach
  void open() throws Exception {
    StateStoreOptions options =
        StoreHarness.options(directory.resolve("layers"), FreezePolicy.everyOffsets(100));
    RunningStores running = new RunningStores();
    store = new StoreHarness(options, directory.resolve("task"), running);
    log = new TestLog().add(put(1, 7, 100, "a")).add(put(1, 7, 101, "b")).records();
    PollLimits limits = new PollLimits(PollMeter.bytes(log.get(0)), 1 << 20);
    guard = new TopicGuard(List.of(new TopicGuard.GuardedTopic(options, running)));
    consumer =
        new GuardedConsumer(
            inner,
            new PollMeter(limits.recordBytes()),
            limits,
            guard,
            Duration.ofHours(1),
            nanos::get);
    consumer.assign(Set.of(PARTITION, OTHER));
    inner.updateBeginningOffsets(Map.of(PARTITION, 0L, OTHER, 0L));
    consumer.seek(PARTITION, 0L);
    consumer.seek(OTHER, 0L);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void pollOne() {
    inner.addRecord(log.get(0));
    assertThat(consumer.poll(NONE).count()).isEqualTo(1);
  }

  @Test
  void partitionWithAllThatMayBeHeld_isPaused_untilItsStoreHasTakenItIn() {
    pollOne();
    assertThat(inner.paused()).isEmpty();
    inner.addRecord(log.get(1));
    assertThat(consumer.poll(NONE)).isEmpty();
    assertThat(inner.paused()).containsExactly(PARTITION);
    assertThat(consumer.paused()).as("nothing that the caller has paused").isEmpty();
    store.process(log.subList(0, 1));
    assertThat(consumer.poll(NONE).count()).isEqualTo(1);
    assertThat(inner.paused()).isEmpty();
  }

  @Test
  void partitionThatTheCallerResumes_staysHeld_andOneThatItPauses_staysPaused() {
    pollOne();
    consumer.poll(NONE);
    consumer.pause(Set.of(PARTITION));
    assertThat(consumer.paused()).containsExactly(PARTITION);
    consumer.resume(Set.of(PARTITION));
    assertThat(inner.paused()).as("still held").containsExactly(PARTITION);
    consumer.pause(Set.of(PARTITION));
    store.process(log.subList(0, 1));
    consumer.poll(NONE);
    assertThat(inner.paused()).as("still paused by the caller").containsExactly(PARTITION);
    consumer.resume(Set.of(PARTITION));
    assertThat(inner.paused()).isEmpty();
  }

  @Test
  void partitionThatIsTakenAway_orReadFromElsewhere_holdsNothing() {
    pollOne();
    consumer.seek(PARTITION, 0L);
    consumer.poll(NONE);
    assertThat(inner.paused()).isEmpty();
    consumer.assign(Set.of(OTHER));
    consumer.assign(Set.of(PARTITION, OTHER));
    consumer.seek(PARTITION, 0L);
    consumer.poll(NONE);
    assertThat(inner.paused()).isEmpty();
  }

  @Test
  void positionIsReported_onceAllBeforeItIsTakenIn() {
    consumer.poll(NONE);
    assertThat(guard.nextOffset(PARTITION)).hasValue(0);
    pollOne();
    nanos.addAndGet(2_000_000_000);
    consumer.poll(NONE);
    assertThat(guard.nextOffset(PARTITION)).as("in hand").hasValue(0);
    store.process(log.subList(0, 1));
    inner.seek(PARTITION, 24); // as after aborted records
    nanos.addAndGet(2_000_000_000);
    consumer.poll(NONE);
    assertThat(guard.nextOffset(PARTITION)).hasValue(24);
  }
}
