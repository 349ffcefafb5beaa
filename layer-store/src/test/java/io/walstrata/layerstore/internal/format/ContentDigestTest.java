package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentDigestTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final byte[] VALUES =
      "some value, and another".getBytes(StandardCharsets.US_ASCII);
  private static final int SPLIT = 10;

  private static long key(long low) {
    return Mix.hash(new PageKey(0, low));
  }

  private static void add(ContentDigest digest, long key, long lsn, int kind, int start, int end) {
    digest.add(digest.hash(key(key), lsn, kind), VALUES, start, end - start);
  }

  private static long of(TimelineId timeline, long key, long lsn, int kind, int start, int end) {
    ContentDigest digest = new ContentDigest(timeline);
    add(digest, key, lsn, kind, start, end);
    return digest.value();
  }

  @Test
  void digest_isTheSumOverTheVersions_inAnyOrder() {
    ContentDigest digest = new ContentDigest(TIMELINE);
    add(digest, 7, 100, 0, 0, SPLIT);
    add(digest, 8, 90, 1, SPLIT, VALUES.length);
    ContentDigest other = new ContentDigest(TIMELINE);
    add(other, 8, 90, 1, SPLIT, VALUES.length);
    add(other, 7, 100, 0, 0, SPLIT);

    assertThat(digest.value()).isEqualTo(other.value());
    assertThat(digest.value())
        .isEqualTo(
            of(TIMELINE, 7, 100, 0, 0, SPLIT) + of(TIMELINE, 8, 90, 1, SPLIT, VALUES.length));
  }

  @Test
  void digest_ofManyAtOnce_isThatOfOneByOne() {
    ContentDigest digest = new ContentDigest(TIMELINE);
    long[] hashes = {digest.hash(key(7), 100, 0), digest.hash(key(8), 90, 1), 99};
    digest.add(hashes, VALUES, new int[] {SPLIT, VALUES.length, 99}, 2);

    assertThat(digest.value())
        .isEqualTo(
            of(TIMELINE, 7, 100, 0, 0, SPLIT) + of(TIMELINE, 8, 90, 1, SPLIT, VALUES.length));
  }

  @Test
  void digest_differs_whereAnythingDiffers() {
    Set<Long> digests = new HashSet<>();
    digests.add(of(TIMELINE, 7, 100, 0, 0, SPLIT));
    digests.add(of(new TimelineId(1, 3), 7, 100, 0, 0, SPLIT));
    digests.add(of(new TimelineId(2, 1), 7, 100, 0, 0, SPLIT));
    digests.add(of(TIMELINE, 8, 100, 0, 0, SPLIT));
    digests.add(of(TIMELINE, 7, 101, 0, 0, SPLIT));
    digests.add(of(TIMELINE, 7, 100, 1, 0, SPLIT));
    digests.add(of(TIMELINE, 7, 100, 3, 0, SPLIT));
    digests.add(of(TIMELINE, 7, 100, 0, 0, SPLIT - 1));
    digests.add(of(TIMELINE, 7, 100, 0, 1, SPLIT));
    digests.add(of(TIMELINE, 7, 100, 0, 0, 0));
    assertThat(digests).hasSize(10);
  }
}
