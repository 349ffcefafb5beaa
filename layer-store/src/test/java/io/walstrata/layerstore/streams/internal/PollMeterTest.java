package io.walstrata.layerstore.streams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** That consumers end a poll by it, and lose nothing, is shown with a broker. */
class PollMeterTest {
  private final PollMeter meter = new PollMeter(1000);

  private void record(int key, int value, int header) {
    RecordHeaders headers =
        header == 0
            ? new RecordHeaders()
            : new RecordHeaders(List.of(new RecordHeader("h", new byte[header])));
    meter.keys().deserialize("wal", headers, ByteBuffer.allocate(key));
    assertThat(meter.values().deserialize("wal", headers, ByteBuffer.allocate(value)))
        .hasSize(value);
  }

  @Test
  void pollEnds_beforeTheRecordThatExceedsItsBytes_andTheNextBeginsAgain() {
    meter.begin(600);
    record(50, 50, 0);
    record(0, 100, 0);
    for (int tried = 0; tried < 2; tried++) {
      assertThatThrownBy(() -> record(10, 10, 0)).isInstanceOf(PollMeter.PollFullException.class);
    }
    meter.begin(600);
    assertThatCode(() -> record(10, 10, 0)).doesNotThrowAnyException();
  }

  @Test
  void firstRecord_isLetInWhateverIsLeft() {
    meter.begin(-5);
    assertThatCode(() -> record(10, 500, 0)).doesNotThrowAnyException();
    assertThatThrownBy(() -> record(1, 1, 0)).isInstanceOf(PollMeter.PollFullException.class);
  }

  @Test
  void headersCount() {
    meter.begin(900);
    record(0, 0, 300);
    assertThatThrownBy(() -> record(0, 0, 300)).isInstanceOf(PollMeter.PollFullException.class);
  }

  @Test
  void recordThatIsTooLarge_isRefusedWithItsSize_onlyWhereNoOthersAreLostWithIt() {
    meter.begin(5000);
    record(0, 0, 0);
    assertThatThrownBy(() -> record(0, 900, 0)).isInstanceOf(PollMeter.PollFullException.class);
    meter.begin(5000);
    assertThatThrownBy(() -> record(1, 900, 0))
        .isInstanceOfSatisfying(
            PollMeter.OversizeException.class,
            e -> assertThat(e.bytes()).isEqualTo(PollMeter.RECORD_OVERHEAD + 901));
  }
}
