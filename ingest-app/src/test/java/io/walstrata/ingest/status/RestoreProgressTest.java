package io.walstrata.ingest.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RestoreProgressTest {
  private static final TopicPartition PARTITION = new TopicPartition("wal", 3);

  private final AtomicLong nanos = new AtomicLong(7);
  private final RestoreProgress progress = new RestoreProgress(nanos::get);

  private void passSeconds(long seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void restore_isToldOfWithSpeedAndTimeLeft() {
    progress.onRestoreStart(PARTITION, "store", 1_000, 2_000);
    RestoreProgress.Restore begun = progress.of("wal", 3).orElseThrow();
    assertThat(begun.remaining()).isEqualTo(1_000);
    assertThat(begun.percent()).isZero();
    assertThat(begun.etaSeconds()).isEmpty();

    passSeconds(4);
    progress.onBatchRestored(PARTITION, "store", 1_199, 150);
    RestoreProgress.Restore running = progress.of("wal", 3).orElseThrow();
    assertThat(running.records()).isEqualTo(150);
    assertThat(running.remaining()).as("offsets, those without a record included").isEqualTo(800);
    assertThat(running.percent()).isEqualTo(20);
    assertThat(running.perSecond(running.records())).isEqualTo(37.5);
    assertThat(running.etaSeconds()).hasValue(16);
    assertThat(progress.running()).containsExactly(running);
    assertThat(progress.of("wal", 4)).isEmpty();

    progress.onRestoreEnd(PARTITION, "store", 150);
    assertThat(progress.running()).isEmpty();
  }

  @Test
  void restoreWithNothingToDo_isDone() {
    progress.onRestoreStart(PARTITION, "store", 1_000, 1_000);
    assertThat(progress.of("wal", 3).orElseThrow().percent()).isEqualTo(100);
    progress.onRestoreSuspended(PARTITION, "store", 0);
    assertThat(progress.of("wal", 3)).isEmpty();
  }

  @Test
  void restoreThatBeginsAgain_countsFromItsStart() {
    progress.onRestoreStart(PARTITION, "store", 0, 10);
    progress.onBatchRestored(PARTITION, "store", 4, 5);
    progress.onRestoreSuspended(PARTITION, "store", 5);
    progress.onBatchRestored(PARTITION, "store", 5, 1);
    progress.onRestoreStart(PARTITION, "store", 5, 10);
    assertThat(progress.of("wal", 3).orElseThrow().records()).isZero();
    assertThat(progress.of("wal", 3).orElseThrow().remaining()).isEqualTo(5);
  }
}
