package io.walstrata.layerstore.format;

import static io.walstrata.layerstore.format.Mix.mix;

import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * What a set of versions and tombstones of one timeline adds up to: a sum, modulo 2^64, of a hash
 * of each. It depends neither on their order nor on which layers they are in, so that the digests
 * of layers can be added, and two histories of the same content have the same sum. For one thread.
 *
 * <pre>
 * t = mix(mix(timeline bytes 0 to 7) + timeline bytes 8 to 15)
 * v = CRC-32C of the value &lt;&lt; 32 | CRC-32 of the value
 * version:   mix(mix(mix(mix(t + hash(key)) + lsn) + kind) + v)
 * tombstone: mix(mix(mix(mix(t + 1) + hash(startKey)) + hash(endKey)) + lsn)
 * </pre>
 *
 * with {@code mix} and {@code hash} as {@link Mix} has them, all modulo 2^64. An {@code endKey} of
 * 18 bytes of 0xFF is hashed like any other.
 */
final class ContentDigest {
  /*
   * It is for comparing what two runs have made of the same log, and finds whatever happens by
   * accident: it is no protection against somebody who makes up values to fit, for which neither a
   * sum nor a CRC is any good. Both CRCs are computed by the processor (10 to 20 GB/s), next to
   * which any other 64-bit hash in Java is slow; a value of 100 bytes costs some 30 ns.
   */
  private final CRC32C crc32c = new CRC32C();
  private final CRC32 crc32 = new CRC32();
  private final long timelineHash;
  private long sum;

  ContentDigest(TimelineId timeline) {
    timelineHash = mix(mix(timeline.high()) + timeline.low());
  }

  void add(long keyHash, long lsn, int kind, byte[] value, int offset, int length) {
    crc32c.reset();
    crc32c.update(value, offset, length);
    crc32.reset();
    crc32.update(value, offset, length);
    long valueHash = crc32c.getValue() << 32 | crc32.getValue();
    sum += mix(mix(mix(mix(timelineHash + keyHash) + lsn) + kind) + valueHash);
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
