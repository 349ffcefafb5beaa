package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The most keys, versions and chunks that an index can have: more are refused, none is lost. */
class VersionIndexBoundsTest {
  private final LayerTotals totals = new LayerTotals();

  /** Returns the places of a key's versions, newest first. */
  private static List<Long> places(VersionIndex index, PageKey key) throws IOException {
    List<Long> places = new ArrayList<>();
    index.descend(
        index.find(key),
        Lsn.MAX,
        Lsn.INVALID,
        (high, low, lsn, place) -> {
          assertThat(new PageKey(high, low)).isEqualTo(key);
          assertThat(place).isEqualTo(lsn * 10 + low);
          return places.add(place);
        });
    return places;
  }

  private static void put(VersionIndex index, long key, long lsn) {
    assertThat(index.put(1, key, lsn, lsn * 10 + key)).isTrue();
  }

  @Test
  void mostKeys_anotherIsRefused_andTheOthersTakeVersions() throws IOException {
    VersionIndex index = new VersionIndex(totals, new KeyTable(totals, 64), new VersionLists());
    for (int key = 0; key < 48; key++) {
      put(index, key, 1);
    }
    for (int tries = 0; tries < 3; tries++) {
      assertThatIllegalStateException()
          .isThrownBy(() -> index.put(1, 48, 2, 0))
          .withMessageContaining("too many keys in a layer, freeze sooner: keys=48");
    }
    for (int key = 0; key < 48; key++) {
      put(index, key, 2);
      assertThat(places(index, new PageKey(1, key))).containsExactly(20L + key, 10L + key);
    }
    assertThat(index.find(new PageKey(1, 48))).isEqualTo(KeyTable.NONE);
    assertThat(index.keys()).isEqualTo(48);
    assertThat(index.versions()).isEqualTo(96);
    assertThat(index.lastKey()).isEqualTo(new PageKey(1, 47));
  }

  @Test
  void mostVersions_anotherIsRefused_andAllAreStillThere() throws IOException {
    VersionIndex index = new VersionIndex(totals, new KeyTable(totals), new VersionLists(3));
    int keys = 10;
    long[] count = new long[keys];
    boolean[] isFull = new boolean[keys];
    int full = 0;
    // Keys fill up one after the other: some have room in their last chunk for longer.
    for (long n = 0; full < keys; n++) {
      int key = (int) (n % keys);
      long lsn = count[key] + 1;
      if (isFull[key]) {
        assertThatIllegalStateException().isThrownBy(() -> index.put(1, key, lsn, 0));
      } else {
        try {
          put(index, key, lsn);
          count[key]++;
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining("too many versions in a layer, freeze sooner");
          isFull[key] = true;
          full++;
        }
      }
    }
    long all = 0;
    for (int key = 0; key < keys; key++) {
      List<Long> places = places(index, new PageKey(1, key));
      assertThat(places).hasSize((int) count[key]);
      assertThat(places.get(0)).isEqualTo(count[key] * 10 + key);
      assertThat(places.get(places.size() - 1)).isEqualTo(10L + key);
      all += count[key];
    }
    assertThat(index.versions()).isEqualTo(all).isGreaterThan(10_000);
    long[] visited = {0};
    index.forEach(KeyRange.ALL, (high, low, lsn, place) -> ++visited[0] > 0);
    assertThat(visited[0]).isEqualTo(all);
    // A new key needs no chunk.
    put(index, keys, 1);
    assertThat(places(index, new PageKey(1, keys))).containsExactly(10L + keys);
  }

  /** One key, whose chunks get arrays of their own when they are long. */
  @Test
  void mostVersionsOfOneKey_anotherIsRefused_andAllAreStillThere() throws IOException {
    VersionIndex index = new VersionIndex(totals, new KeyTable(totals), new VersionLists(8));
    long[] lsn = {0};
    assertThatIllegalStateException()
        .isThrownBy(
            () -> {
              while (true) {
                put(index, 3, lsn[0] + 1);
                lsn[0]++;
              }
            })
        .withMessageContaining("too many versions in a layer, freeze sooner");
    assertThat(places(index, new PageKey(1, 3))).hasSize((int) lsn[0]);
    assertThat(index.versions()).isEqualTo(lsn[0]).isGreaterThan(10_000);
  }

  /** The longest chunk there can be: its length does not run over into its size. */
  @Test
  void tail_ofTheLongestChunk_keepsItsParts() {
    int longest = (1 << 26) - 1;
    for (long address : new long[] {1, 1L << 31, (1L << 32) - 1}) {
      for (long size : new long[] {1, 50, 63}) {
        long beforeLast = address << 32 | size << 26 | (longest - 1);
        long tail = beforeLast + 1;
        assertThat(VersionLists.chunk(tail)).isEqualTo((int) address);
        assertThat(VersionLists.size(tail)).isEqualTo((int) size);
        assertThat(VersionLists.length(tail)).isEqualTo(longest);
        assertThat(VersionLists.capacity(tail)).isBetween(2, longest);
      }
    }
    assertThat(VersionLists.capacity(63L << 26)).isEqualTo(longest);
  }
}
