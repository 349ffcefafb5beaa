package io.walstrata.ingest.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.layerstore.streams.WalSink;
import io.walstrata.schemas.serde.ReadingStoppedException;
import io.walstrata.schemas.serde.RegistryUnavailableException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MDC;

class QuietStopTest {
  @AfterEach
  void unmark() {
    MDC.remove(QuietStop.MARK);
  }

  static Stream<RuntimeException> whatAStopThrows() {
    return Stream.of(
        new RegistryUnavailableException("closed while waiting", null),
        new ReadingStoppedException("closed while a message was read"));
  }

  @ParameterizedTest
  @MethodSource("whatAStopThrows")
  void threadIsMarked_ifTheJobStops_andOnlyThen(RuntimeException thrown) {
    AtomicBoolean isStopping = new AtomicBoolean();
    try (QuietStop decoder = new QuietStop(new Throwing(thrown), isStopping::get)) {
      assertThat(catchThrowable(() -> decode(decoder))).isSameAs(thrown);
      assertThat(MDC.get(QuietStop.MARK)).isNull();
      isStopping.set(true);
      assertThat(catchThrowable(() -> decode(decoder))).isSameAs(thrown);
      assertThat(MDC.get(QuietStop.MARK)).isEqualTo("true");
    }
  }

  @SuppressWarnings("NullAway") // the sink is not asked
  private static void decode(WalDecoder decoder) throws Exception {
    decoder.decode(
        new RawRecord("wal", 0, 0, 0, new byte[1], new byte[1], new RecordHeaders()), null);
  }

  private record Throwing(RuntimeException thrown) implements WalDecoder {
    @Override
    public void decode(RawRecord record, WalSink sink) {
      throw thrown;
    }
  }
}
