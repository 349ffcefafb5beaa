package io.walstrata.harness.soak;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The content digest of a ledger, computed as FORMAT.md, section 4.7, has it and not as the engine
 * does: what delta layers that hold the same must add up to.
 */
final class LedgerDigest {
  private static final int TERM_BYTES = 16;

  private LedgerDigest() {}

  /** Returns the digest of everything up to an LSN, inclusive, in 16 hexadecimal digits. */
  static String of(TimelineId timeline, Ledger ledger, Lsn upTo) {
    long t = mix(mix(timeline.high()) + timeline.low());
    long sum = 0;
    for (PageKey key : ledger.keys()) {
      for (Version version : ledger.versions(key, upTo)) {
        byte[] bytes = version.value().bytes();
        long term = mix(mix(t + hash(key)) + version.lsn().value());
        sum += mix(mix(term + version.value().kind().id()) + hash(bytes));
      }
    }
    for (Ledger.Tombstone each : ledger.tombstones(upTo)) {
      long keys = mix(mix(t + 1) + hash(each.keys().startKey())) + hash(each.keys().endKey());
      sum += mix(mix(keys) + each.lsn().value());
    }
    return HexFormat.of().toHexDigits(sum);
  }

  /** Returns the hash of a value. */
  static long hash(byte[] value) {
    ByteBuffer bytes = ByteBuffer.wrap(Arrays.copyOf(value, Math.max(TERM_BYTES, value.length)));
    int last = bytes.capacity() - TERM_BYTES;
    long sum = value.length;
    long i = 1;
    for (int p = 0; p < last; p += TERM_BYTES) {
      sum += term(bytes, p, i++);
    }
    return sum + term(bytes, last, i);
  }

  private static long term(ByteBuffer bytes, int p, long i) {
    long x = bytes.getLong(p) ^ i * 0x9E3779B97F4A7C15L;
    long y = bytes.getLong(p + Long.BYTES) ^ i * 0xD6E8FEB86659FD93L;
    // The upper half of the product of two unsigned numbers, from that of two signed ones.
    long upper = Math.multiplyHigh(x, y) + (x >> 63 & y) + (y >> 63 & x);
    return upper ^ x * y;
  }

  private static long hash(PageKey key) {
    ByteBuffer bytes = ByteBuffer.wrap(key.toBytes());
    long a = bytes.getLong();
    long b = bytes.getLong();
    return mix(mix(mix(a) + b) + Short.toUnsignedLong(bytes.getShort()));
  }

  private static long mix(long number) {
    long x = number;
    x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }
}
