package io.walstrata.layerstore.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.Scale;
import java.lang.ref.Reference;
import org.junit.jupiter.api.Test;

/** What the index of a large layer takes. */
class VersionIndexScaleTest {
  private static final int MANY = 1_000_000;

  private static void report(String what, long bytes, int count) {
    System.out.printf(
        "heap of an index of %d %s: %.1f bytes each%n", count, what, (double) bytes / count);
  }

  @Test
  void memory_perVersionOfOneKey() {
    long before = Scale.usedHeap();
    VersionIndex index = new VersionIndex(new LayerTally());
    for (int n = 1; n <= MANY; n++) {
      index.put(1, 2, n, n);
    }
    long used = Scale.usedHeap() - before;
    report("versions of one key", used, MANY);
    assertThat(used).isBetween(16L * MANY, 26L * MANY);
    Reference.reachabilityFence(index);
  }

  @Test
  void memory_perKeyOfOneVersion() {
    long before = Scale.usedHeap();
    VersionIndex index = new VersionIndex(new LayerTally());
    for (int n = 1; n <= MANY; n++) {
      index.put(1, n, 1, n);
    }
    long used = Scale.usedHeap() - before;
    report("keys of one version", used, MANY);
    assertThat(used).isBetween(40L * MANY, 66L * MANY);
    Reference.reachabilityFence(index);
  }

  /** Each chunk is looked into by bisection, so their number is what a look at old LSNs costs. */
  @Test
  void listOfManyVersions_isAFewChunks() {
    int versions = Scale.of("versions in a list", MANY, 10 * MANY);
    VersionLists lists = new VersionLists();
    long tail = VersionLists.FIRST_ONLY;
    for (int n = 1; n <= versions; n++) {
      tail = lists.append(tail, n, n);
    }
    int chunks = 0;
    long seen = 0;
    for (long at = tail; at != VersionLists.FIRST_ONLY; at = lists.previous(at)) {
      chunks++;
      seen += VersionLists.length(at);
    }
    assertThat(seen).isEqualTo(versions);
    assertThat(chunks).isLessThan(45);
  }
}
