package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import org.junit.jupiter.api.Test;

class PackedPositionTest {
  @Test
  void everyPartAtItsEnds_comesBack() {
    for (long position : new long[] {0, 1, 1L << 31, 1L << 32, (32L << 30) - 1}) {
      for (int length : new int[] {0, 1, Value.MAX_BYTES - 1, Value.MAX_BYTES}) {
        for (ValueKind kind : ValueKind.values()) {
          long place = PackedPosition.of(position, length, kind);
          assertThat(PackedPosition.position(place)).isEqualTo(position);
          assertThat(PackedPosition.length(place)).isEqualTo(length);
          assertThat(PackedPosition.kind(place)).isEqualTo(kind);
        }
      }
    }
  }

  @Test
  void positionsFrom32GibOn_areRefused() {
    for (long position : new long[] {32L << 30, 33L << 30, Long.MAX_VALUE, -1}) {
      assertThatIllegalStateException()
          .isThrownBy(() -> PackedPosition.of(position, 1, ValueKind.IMAGE))
          .withMessageContaining("ephemeral file is full, freeze sooner")
          .withMessageContaining("position=" + position);
    }
  }
}
