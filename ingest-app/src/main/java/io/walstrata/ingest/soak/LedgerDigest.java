package io.walstrata.ingest.soak;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Version;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * The content digest of a ledger, computed as FORMAT.md, section 4.7, has it and not as the engine
 * does: what delta layers that hold the same must add up to.
 */
final class LedgerDigest {
  private LedgerDigest() {}

  /** Returns the digest of everything up to an LSN, inclusive, in 16 hexadecimal digits. */
  static String of(TimelineId timeline, Ledger ledger, Lsn upTo) {
    long t = mix(mix(timeline.high()) + timeline.low());
    long sum = 0;
    for (PageKey key : ledger.keys()) {
      for (Version version : ledger.versions(key, upTo)) {
        byte[] bytes = version.value().bytes();
        long v = crc(new CRC32C(), bytes) << 32 | crc(new CRC32(), bytes);
        long place = mix(mix(t + hash(key)) + version.lsn().value());
        sum += mix(mix(place + version.value().kind().id()) + v);
      }
    }
    for (Ledger.Drop drop : ledger.drops(upTo)) {
      long keys = mix(mix(t + 1) + hash(drop.keys().startKey())) + hash(drop.keys().endKey());
      sum += mix(mix(keys) + drop.lsn().value());
    }
    return HexFormat.of().toHexDigits(sum);
  }

  private static long crc(Checksum checksum, byte[] bytes) {
    checksum.update(bytes);
    return checksum.getValue();
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
