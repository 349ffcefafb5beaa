package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void oddNumber_hasAMiddle() {
    assertThat(Spread.of(List.of(9.0, 1.0, 2.0), Double::doubleValue))
        .isEqualTo(new Spread(2, 1, 9));
  }

  @Test
  void evenNumber_hasTwo() {
    assertThat(Spread.of(List.of(4.0, 9.0, 1.0, 2.0), Double::doubleValue))
        .isEqualTo(new Spread(3, 1, 9));
  }

  @Test
  void nothing_isRefused() {
    assertThatThrownBy(() -> Spread.of(List.<Double>of(), Double::doubleValue))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
