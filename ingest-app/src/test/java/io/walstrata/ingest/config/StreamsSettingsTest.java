package io.walstrata.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamsSettingsTest {
  /** Nothing else bounds them: our code does not see them unpacked one by one. */
  @ParameterizedTest
  @ValueSource(longs = {128, 256, 512, 1024, 8192})
  void recordsOfAPoll_thatAreNothingButHeaders_takeAQuarterOfTheHeap(long heapMiB) {
    int records = StreamsSettings.pollRecords(heapMiB << 20);
    assertThat((long) records << 20).isLessThanOrEqualTo((heapMiB << 20) / 4);
    assertThat(records).isBetween(32, 1000);
  }
}
