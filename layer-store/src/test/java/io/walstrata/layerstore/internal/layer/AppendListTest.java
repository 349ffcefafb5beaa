package io.walstrata.layerstore.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AppendListTest {
  static LongStream seeds() {
    return Seeds.seeds(20);
  }

  /** A list with what it must hold. */
  private record Pair(AppendList<Integer> list, List<Integer> expected) {
    Pair plus(int added) {
      List<Integer> longer = new ArrayList<>(expected);
      longer.add(added);
      return new Pair(list.plus(added), longer);
    }

    void check() {
      List<Integer> actual = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        actual.add(list.get(i));
      }
      assertThat(actual).isEqualTo(expected);
      assertThatThrownBy(() -> list.get(list.size())).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void lists_madeOfEachOtherInAnyOrder_keepWhatTheyHold(long seed) {
    Random random = new Random(seed);
    List<Pair> all = new ArrayList<>();
    all.add(new Pair(AppendList.of(List.of()), List.of()));
    all.add(new Pair(AppendList.of(List.of(1, 2, 3)), List.of(1, 2, 3)));
    for (int i = 0; i < 300; i++) {
      // Mostly the newest, as the layers of a timeline grow; now and then an older one.
      int base = random.nextInt(4) > 0 ? all.size() - 1 : random.nextInt(all.size());
      all.add(all.get(base).plus(random.nextInt()));
    }
    all.forEach(Pair::check);
  }

  @Test
  void get_negative_isRefused() {
    assertThatThrownBy(() -> AppendList.of(List.of(1)).get(-1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
