package io.walstrata.ingest.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JobHealthTest {
  private static LayerStoreStatus.InWork work(Duration time) {
    return new LayerStoreStatus.InWork(123, time.toNanos());
  }

  @Test
  void longWork_isNamedFromTenSecondsOn() {
    assertThat(JobHealth.longWork(work(Duration.ofMillis(9_999)))).isEmpty();
    assertThat(JobHealth.longWork(work(Duration.ofMillis(71_500))))
        .contains("a record is in work for long: offset=123, seconds=71");
  }
}
