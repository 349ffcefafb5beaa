package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.Mix.mix;

import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;

/**
 * A digest of a set of versions and tombstones of one timeline: the sum, modulo 2^64, of a hash of
 * each. It depends neither on their order nor on which layers they are in, so that the digests of
 * layers can be added, and two histories of the same content have the same sum. For one thread.
 *
 * <pre>
 * t = mix(mix(timeline bytes 0 to 7) + timeline bytes 8 to 15)
 * version:   mix(mix(mix(mix(t + hash(key)) + lsn) + kind) + hash(value))
 * tombstone: mix(mix(mix(mix(t + 1) + hash(startKey)) + hash(endKey)) + lsn)
 * </pre>
 *
 * with {@code mix} and the hash of a key as {@link Mix} has them, that of a value as {@link
 * ValueHash}, all modulo 2^64. An {@code endKey} of 18 bytes of 0xFF is hashed like any other.
 */
final class ContentDigest {
  /*
   * It compares the results of two runs over the same log, and finds accidental differences only:
   * it does not protect against an attacker who chooses values with equal digests.
   */
  private final long timelineHash;
  private long sum;

  ContentDigest(TimelineId timeline) {
    timelineHash = mix(mix(timeline.high()) + timeline.low());
  }

  /** Returns the hash of a version without its value. */
  long hash(long keyHash, long lsn, int kind) {
    return mix(mix(mix(timelineHash + keyHash) + lsn) + kind);
  }

  /** Adds a version by the result of {@link #hash} and its value. */
  void add(long hash, byte[] value, int offset, int length) {
    sum += mix(hash + ValueHash.of(value, offset, length));
  }

  /**
   * Adds versions whose values are adjacent from the array's start, each up to its {@code ends}.
   */
  void add(long[] hashes, byte[] values, int[] ends, int count) {
    int start = 0;
    for (int i = 0; i < count; i++) {
      add(hashes[i], values, start, ends[i] - start);
      start = ends[i];
    }
  }

  void add(Tombstone tombstone) {
    long keys =
        mix(mix(timelineHash + 1) + Mix.hash(tombstone.keys().startKey()))
            + Mix.hash(tombstone.keys().endKey());
    sum += mix(mix(keys) + tombstone.lsn().value());
  }

  long value() {
    return sum;
  }
}
