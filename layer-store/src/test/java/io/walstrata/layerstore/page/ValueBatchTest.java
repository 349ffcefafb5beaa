package io.walstrata.layerstore.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueBatchTest {
  private static final int RAW = 40;

  private final ValueBatch batch = new ValueBatch();

  private void fill(int[]... places) {
    batch.reset(new TimelineId(0, 1), new byte[RAW], 0, RAW);
    for (int[] place : places) {
      batch.add(PageKey.MIN, Lsn.of(1), place[0], place[1], ValueKind.IMAGE);
    }
  }

  private static int[] at(int offset, int length) {
    return new int[] {offset, length};
  }

  @Test
  void requireDisjoint_valuesThatShareBytes_areRefused() {
    for (int[][] places :
        new int[][][] {
          {at(0, 10), at(0, 10)},
          {at(0, 10), at(9, 1)},
          {at(9, 1), at(0, 10)},
          {at(0, RAW), at(RAW - 1, 1)},
          {at(20, 5), at(0, 10), at(10, 11)},
        }) {
      fill(places);
      assertThatIllegalArgumentException()
          .isThrownBy(batch::requireDisjoint)
          .withMessageContaining("values share bytes");
    }
  }

  @Test
  void requireDisjoint_anyOtherOrder_isFine() {
    fill(at(30, 10), at(0, 10), at(20, 10), at(10, 10));
    batch.requireDisjoint();
    fill(at(0, 10), at(5, 0), at(0, 0), at(RAW, 0), at(10, 1), at(39, 1));
    batch.requireDisjoint();
    fill();
    batch.requireDisjoint();
    assertThat(batch.size()).isZero();
  }

  @Test
  void requireDisjoint_randomPlaces_equalsLookingAtEachByte() {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    Random random = new Random(seed);
    int refused = 0;
    int rounds = 20_000;
    for (int round = 0; round < rounds; round++) {
      BitSet taken = new BitSet();
      boolean isShared = false;
      int[][] places = new int[1 + random.nextInt(6)][];
      for (int i = 0; i < places.length; i++) {
        int offset = random.nextInt(RAW + 1);
        int length = random.nextInt(Math.min(RAW - offset, 8) + 1);
        places[i] = at(offset, length);
        isShared |= taken.get(offset, offset + length).cardinality() > 0;
        taken.set(offset, offset + length);
      }
      fill(places);
      Throwable thrown = catchThrowable(batch::requireDisjoint);

      assertThat(thrown != null).as("walstrata.seed=%d, round=%d", seed, round).isEqualTo(isShared);
      refused += isShared ? 1 : 0;
    }
    assertThat(refused).isBetween(rounds / 20, rounds - rounds / 20);
  }
}
