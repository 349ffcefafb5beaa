package io.walstrata.ingest.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.http.Errors;
import io.walstrata.ingest.http.ReadOutcome;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.WriteStats;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.IngestCounters;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobMetricsTest {
  private volatile List<PartitionReading> partitions = List.of();
  private final JobMetrics metrics =
      new JobMetrics(
          () -> partitions,
          new JobMetrics.Signals(() -> true, () -> false, () -> true, () -> false));

  @AfterEach
  void close() {
    metrics.close();
  }

  private static PartitionReading reading(int partition, long ingested) {
    IngestCounters counters =
        new IngestCounters(
            Map.of(
                IngestCounter.RECORDS, 10L,
                IngestCounter.BYTES, 1_000L,
                IngestCounter.RESTORED_RECORDS, 4L,
                IngestCounter.RESTORED_BYTES, 400L,
                IngestCounter.SKIPPED_RECORDS, 1L,
                IngestCounter.BAD_RECORDS, 2L,
                IngestCounter.VERSIONS, 30L,
                IngestCounter.DUPLICATES, 3L,
                IngestCounter.TOMBSTONES, 6L,
                IngestCounter.FREEZE_POINTS, 5L),
            Map.of(BadRecordReason.NULL_KEY, 2L));
    WriteStats writes =
        new WriteStats(
            11,
            12,
            13,
            14,
            2,
            Map.of(FreezeReason.MEMORY, 7L),
            4,
            TimeUnit.SECONDS.toNanos(6),
            TimeUnit.MILLISECONDS.toNanos(1_500),
            TimeUnit.MILLISECONDS.toNanos(250),
            TimeUnit.MILLISECONDS.toNanos(750));
    return new PartitionReading(
        new LayerStoreStatus(
            "wal",
            partition,
            true,
            OptionalLong.of(90),
            OptionalLong.of(ingested),
            Optional.of("no space"),
            Optional.of(new LayerStoreStatus.InWork(100, TimeUnit.MILLISECONDS.toNanos(12_500))),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            counters,
            writes),
        List.of(
            new TimelineInfo(
                new TimelineId(1, 2), new Lsn(1), new Lsn(9), new Lsn(8), 3, 30, 500, 1)),
        OptionalLong.of(120),
        OptionalLong.of(101),
        Optional.empty());
  }

  @Test
  void scrape_showsWhatWasRead() {
    partitions = List.of(reading(3, 99));
    String tags = "{partition=\"3\",topic=\"wal\"} ";
    assertThat(metrics.scrape().lines().toList())
        .contains(
            "walstrata_live 1.0",
            "walstrata_record_in_work_seconds" + tags + "12.5",
            "walstrata_ready 0.0",
            "walstrata_registry_up 0.0",
            "walstrata_lag_records" + tags + "19.0",
            "walstrata_ingested_offset" + tags + "99.0",
            "walstrata_durable_offset" + tags + "90.0",
            "walstrata_ingested_records_total" + tags + "10.0",
            "walstrata_ingested_bytes_total" + tags + "1000.0",
            "walstrata_restored_records_total" + tags + "4.0",
            "walstrata_restored_bytes_total" + tags + "400.0",
            "walstrata_skipped_records_total" + tags + "1.0",
            "walstrata_versions_total" + tags + "30.0",
            "walstrata_duplicates_total" + tags + "3.0",
            "walstrata_tombstones_total" + tags + "6.0",
            "walstrata_late_versions_total" + tags + "0.0",
            "walstrata_bad_records_total{partition=\"3\",reason=\"null_key\",topic=\"wal\"} 2.0",
            "walstrata_bad_records_total{partition=\"3\",reason=\"late\",topic=\"wal\"} 0.0",
            "walstrata_layers" + tags + "3.0",
            "walstrata_layers_bytes" + tags + "500.0",
            "walstrata_open_heap_bytes" + tags + "11.0",
            "walstrata_open_values_bytes" + tags + "12.0",
            "walstrata_frozen_heap_bytes" + tags + "13.0",
            "walstrata_frozen_values_bytes" + tags + "14.0",
            "walstrata_frozen_layers" + tags + "2.0",
            "walstrata_freezes_total{partition=\"3\",reason=\"memory\",topic=\"wal\"} 7.0",
            "walstrata_flush_seconds_total" + tags + "6.0",
            "walstrata_last_flush_seconds" + tags + "1.5",
            "walstrata_sync_seconds_total" + tags + "0.25",
            "walstrata_held_seconds_total" + tags + "0.75",
            "walstrata_flush_failing" + tags + "1.0",
            "walstrata_restore_eta_seconds" + tags + "0.0");
  }

  @Test
  void counters_withTheirReasons_areNotShownAsASum() {
    partitions = List.of(reading(0, 99));
    assertThat(metrics.scrape())
        .doesNotContain(
            "walstrata_late_records", "walstrata_freeze_points", "walstrata_ingested_t");
  }

  @Test
  void reads_areCountedByCode_withBoundedBuckets() {
    metrics.reads().read(ReadOutcome.OK, TimeUnit.MILLISECONDS.toNanos(2));
    metrics.reads().read(ReadOutcome.OK, TimeUnit.SECONDS.toNanos(60));
    metrics.reads().read(ReadOutcome.of(Errors.Code.TOO_BUSY), 1);
    List<String> lines = metrics.scrape().lines().toList();
    assertThat(lines)
        .contains(
            "walstrata_reads_total{code=\"ok\"} 2.0",
            "walstrata_reads_total{code=\"too_busy\"} 1.0",
            "walstrata_read_seconds_bucket{le=\"0.003\"} 2",
            "walstrata_read_seconds_bucket{le=\"10.0\"} 2",
            "walstrata_read_seconds_bucket{le=\"+Inf\"} 3",
            "walstrata_read_seconds_count 3")
        .anyMatch(line -> line.startsWith("walstrata_build_info{"));
    assertThat(lines.stream().filter(line -> line.contains("read_seconds_bucket"))).hasSize(10);
  }

  @Test
  void partitionsThatCome_areThere_andThoseThatGo_areGone() {
    partitions = List.of(reading(0, 99), reading(1, 99));
    metrics.scrape();
    partitions = List.of(reading(1, 109), reading(2, 99));
    assertThat(metrics.scrape())
        .doesNotContain("partition=\"0\"")
        .contains("walstrata_lag_records{partition=\"1\",topic=\"wal\"} 10.0")
        .contains("partition=\"2\"");
    partitions = List.of();
    assertThat(metrics.scrape()).doesNotContain("partition=").contains("walstrata_live 1.0");
  }
}
