package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyLayoutTest {
  @Test
  void random_isTheFinaliserOfMurmurHash3() {
    assertThat(IntStream.of(0, 1, 2, -1).map(KeyLayout.RANDOM::block))
        .containsExactly(0, 0x514e28b7, 0x30f4c306, 0x81f16f39);
  }

  @Test
  void random_hasNoKeyTwice() {
    int[] blocks = IntStream.range(0, 1_000_000).map(KeyLayout.RANDOM::block).toArray();
    assertThat(Arrays.stream(blocks).distinct().count()).isEqualTo(blocks.length);
  }

  @Test
  void randomReuse_hasAll1024Keys() {
    int[] blocks = IntStream.range(0, 20_000).map(KeyLayout.RANDOM_REUSE::block).toArray();
    assertThat(Arrays.stream(blocks).distinct().sorted())
        .containsExactlyElementsOf(IntStream.range(0, 1024).boxed().toList());
  }

  @Test
  void labelled_findsEach() {
    for (KeyLayout layout : KeyLayout.values()) {
      assertThat(KeyLayout.labelled(layout.label())).isEqualTo(layout);
    }
    assertThatThrownBy(() -> KeyLayout.labelled("Zipf"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Zipf");
  }
}
