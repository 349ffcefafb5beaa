package io.walstrata.harness.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.PageKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerWorkloadTest {
  @Test
  void hotKeys_areFew_andSpreadKeysHaveAFewVersionsEach() {
    PeerWorkload hot = new PeerWorkload(PeerWorkload.Kind.HOT, 100, 1);
    PeerWorkload spread = new PeerWorkload(PeerWorkload.Kind.SPREAD, 100, 1);
    assertThat(keys(hot)).hasSize(64);
    assertThat(keys(spread)).hasSizeBetween(2000, 10485 / 4);
  }

  private static Set<PageKey> keys(PeerWorkload workload) {
    Set<PageKey> keys = new HashSet<>();
    for (int number = 0; number < workload.versions(); number++) {
      keys.add(workload.key(number));
    }
    return keys;
  }

  @Test
  void newest_isTheLastOfTheKeyAmongThoseThatCount() {
    PeerWorkload workload = new PeerWorkload(PeerWorkload.Kind.HOT, 100, 1);
    Map<PageKey, Integer> newest = new HashMap<>();
    for (int number = 0; number < 500; number++) {
      newest.put(workload.key(number), number);
    }
    int[] actual = workload.newest(500);
    assertThat(actual).hasSize(500);
    for (int number = 0; number < 500; number++) {
      assertThat(actual[number]).isEqualTo(newest.get(workload.key(number)));
    }
  }

  @Test
  void values_canBeToldApart() {
    PeerWorkload workload = new PeerWorkload(PeerWorkload.Kind.HOT, 100, 1);
    assertThat(workload.isValue(workload.value(7), 7)).isTrue();
    assertThat(workload.isValue(workload.value(7), 8)).isFalse();
    assertThat(workload.isValue(new byte[99], 0)).isFalse();
    assertThat(workload.value(7)).hasSize(100);
    assertThat(workload.ingestedBytes()).isEqualTo(18 + 8 + 100);
  }
}
