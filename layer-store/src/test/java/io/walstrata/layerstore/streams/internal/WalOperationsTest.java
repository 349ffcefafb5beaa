package io.walstrata.layerstore.streams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class WalOperationsTest {
  private final WalOperations operations = new WalOperations();

  private List<WalOperations.Operation> decode(WalDecoder decoder) throws BadRecordException {
    byte[] bytes = {1};
    return operations.decode(
        decoder, new RawRecord("wal", 0, 0, 0, bytes, bytes, new RecordHeaders()));
  }

  private static ValueBatch batch(int values, int rawLength, int step, int length) {
    ValueBatch batch = new ValueBatch();
    batch.reset(new TimelineId(0, 1), new byte[rawLength], 0, rawLength);
    for (int i = 0; i < values; i++) {
      batch.add(PageKey.of(0, 1663, 5, 1, 0, i), Lsn.of(i + 1), i * step, length, ValueKind.IMAGE);
    }
    return batch;
  }

  /** A message must not become a layer of many times its length. */
  @Test
  void decode_valuesThatShareBytes_areMalformed() {
    ValueBatch shared = batch(10_000, 256 << 10, 0, 256 << 10);

    assertThatThrownBy(() -> decode((record, sink) -> sink.batch(shared)))
        .isInstanceOfSatisfying(
            BadRecordException.class,
            e -> assertThat(e.reason()).isEqualTo(BadRecordReason.MALFORMED))
        .hasMessageContaining("values share bytes, give each its own");
  }

  @Test
  void decode_valuesWithBytesOfTheirOwn_areTaken() throws BadRecordException {
    ValueBatch batch = batch(100, 1000, 10, 10);

    assertThat(decode((record, sink) -> sink.batch(batch)))
        .containsExactly(new WalOperations.Batch(batch));
  }

  @Test
  void bad_longMessage_isCut() {
    Verdict verdict = Verdict.bad(1, BadRecordReason.MALFORMED, "x".repeat(1 << 20));

    assertThat(verdict.badMessage()).hasSize(Verdict.MAX_CHARS + 1).endsWith("x…");
  }
}
