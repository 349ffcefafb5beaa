package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Computes the content of synthetic load from its parameters alone, so that a verifier can compute
 * every version again, from its number or from its key and LSN. Immutable, thread-safe.
 *
 * <p>Versions of a timeline are numbered from 0; {@code versionsPerRecord} in a row form a WAL
 * record and share its LSN. Every {@code keys} versions are a <i>round</i>, in which each key is
 * written once, in the order of the layout.
 */
public final class SyntheticContent {
  /*
   * Rounds make everything computable without state: version n of a timeline is the (n / keys)-th
   * version of its key, and a key's versions are found by computing its position in each round.
   * Random order within a round is a permutation (a Feistel network, applied again until the result
   * is less than `keys`), keyed by the round.
   */

  /** In which order the keys of a round are written. */
  public enum Layout {
    /** Ascending. */
    SEQUENTIAL,
    /** A permutation of its own for each round and timeline. */
    RANDOM
  }

  /** Most keys of a timeline. */
  public static final long MAX_KEYS = 1L << 32;

  private static final long FIRST_LSN = 0x100_0000;
  private static final long RECORD_HEADER_BYTES = 24;
  private static final long VERSION_HEADER_BYTES = 16;

  private static final int BLOCKS_PER_RELATION_LOG2 = 17;
  private static final int FIRST_RELATION = 16384;
  private static final int TABLESPACE = 1663;
  private static final int DATABASE = 5;
  private static final long TIMELINE_MARK = 0x53594E54L << 32; // "SYNT"

  private static final int FEISTEL_ROUNDS = 4;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final Layout layout;
  private final long keys;
  private final int valueBytes;
  private final int versionsPerRecord;
  private final int imageEvery;
  private final long stride;
  private final int halfBits;

  /**
   * @param keys keys of each timeline, 1 to {@link #MAX_KEYS}, a multiple of {@code
   *     versionsPerRecord}
   * @param valueBytes length of every value, 0 or more
   * @param versionsPerRecord 1 or more
   * @param imageEvery in every so many rounds the values are images, beginning with the first, else
   *     WAL records; 0 for no images, and the first round's records need no older version
   * @throws IllegalArgumentException if one is out of its range
   */
  public SyntheticContent(
      long seed, Layout layout, long keys, int valueBytes, int versionsPerRecord, int imageEvery) {
    require(keys >= 1 && keys <= MAX_KEYS, "keys", keys);
    require(valueBytes >= 0, "value-bytes", valueBytes);
    require(versionsPerRecord >= 1, "versions-per-record", versionsPerRecord);
    require(imageEvery >= 0, "image-every", imageEvery);
    if (keys % versionsPerRecord != 0) {
      throw new IllegalArgumentException(
          "keys must be a multiple of versions-per-record: keys="
              + (keys + ", versions-per-record=" + versionsPerRecord));
    }
    this.seed = seed;
    this.layout = layout;
    this.keys = keys;
    this.valueBytes = valueBytes;
    this.versionsPerRecord = versionsPerRecord;
    this.imageEvery = imageEvery;
    this.stride =
        (RECORD_HEADER_BYTES + versionsPerRecord * (VERSION_HEADER_BYTES + valueBytes) + 7) & -8L;
    int bits = 64 - Long.numberOfLeadingZeros(keys - 1);
    this.halfBits = Math.max(1, (bits + 1) / 2);
  }

  private static void require(boolean fits, String name, long value) {
    if (!fits) {
      throw new IllegalArgumentException("out of range: " + name + "=" + value);
    }
  }

  /** Returns how many versions one WAL record has. */
  public int versionsPerRecord() {
    return versionsPerRecord;
  }

  /** Returns how many keys a timeline has. */
  public long keys() {
    return keys;
  }

  /**
   * Returns the timeline with this number. It depends on all parameters, so that different content
   * never meets on a timeline.
   *
   * @param index from 0
   */
  public TimelineId timeline(int index) {
    String text =
        String.format(
            Locale.ROOT,
            "%d/%s/%d/%d/%d/%d",
            seed,
            layout,
            keys,
            valueBytes,
            versionsPerRecord,
            imageEvery);
    long hash = 0;
    for (int i = 0; i < text.length(); i++) {
      hash = mix((hash + GOLDEN) ^ text.charAt(i));
    }
    return new TimelineId(TIMELINE_MARK | hash >>> 32, index);
  }

  /** Returns the LSN of a timeline's WAL record, numbered from 0. */
  public Lsn lsn(long record) {
    return Lsn.of(Math.addExact(FIRST_LSN, Math.multiplyExact(record + 1, stride)));
  }

  /**
   * Returns how many WAL records end at or before this LSN: the number of the next one.
   *
   * @throws IllegalArgumentException if none ends exactly there
   */
  public long recordsUpTo(Lsn lsn) {
    long distance = lsn.value() - FIRST_LSN;
    if (lsn.isBefore(Lsn.of(FIRST_LSN)) || distance % stride != 0) {
      throw new IllegalArgumentException("no record of this load ends there: lsn=" + lsn);
    }
    return distance / stride;
  }

  /** Returns the key of a timeline's version, numbered from 0. */
  public PageKey key(TimelineId timeline, long version) {
    long round = version / keys;
    long position = version % keys;
    return keyAt(
        layout == Layout.SEQUENTIAL ? position : permute(position, roundKey(timeline, round)));
  }

  /** Returns what the value of a version of this number is. */
  public ValueKind kind(long version) {
    long round = version / keys;
    if (imageEvery == 0) {
      return round == 0 ? ValueKind.WAL_RECORD_WILL_INIT : ValueKind.WAL_RECORD;
    }
    return round % imageEvery == 0 ? ValueKind.IMAGE : ValueKind.WAL_RECORD;
  }

  /** Returns the bytes of the version of this key at this LSN. */
  public byte[] value(TimelineId timeline, PageKey key, Lsn lsn) {
    long state = mix(mix(mix(timelineKey(timeline) ^ key.high()) ^ key.low()) ^ lsn.value());
    byte[] bytes = new byte[valueBytes];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (out.remaining() >= Long.BYTES) {
      state += GOLDEN;
      out.putLong(mix(state));
    }
    for (long rest = mix(state + GOLDEN); out.hasRemaining(); rest >>>= 8) {
      out.put((byte) rest);
    }
    return bytes;
  }

  /**
   * One version with its LSN.
   *
   * @param number of the version within its timeline
   * @param lsn its LSN
   * @param value its content
   */
  public record Numbered(long number, Lsn lsn, Value value) {}

  /**
   * Returns the versions that a key has at or below an LSN, oldest first.
   *
   * @param records how many WAL records of the timeline there are, as from {@link #recordsUpTo}
   */
  public List<Numbered> versions(TimelineId timeline, PageKey key, long records) {
    long keyNumber = numberOf(key);
    long last = Math.multiplyExact(records, versionsPerRecord);
    List<Numbered> found = new ArrayList<>();
    for (long round = 0; round * keys < last; round++) {
      long position =
          layout == Layout.SEQUENTIAL
              ? keyNumber
              : permuteBack(keyNumber, roundKey(timeline, round));
      long number = round * keys + position;
      if (number < last) {
        Lsn lsn = lsn(number / versionsPerRecord);
        found.add(new Numbered(number, lsn, new Value(kind(number), value(timeline, key, lsn))));
      }
    }
    return found;
  }

  private static PageKey keyAt(long number) {
    return PageKey.of(
        0,
        TABLESPACE,
        DATABASE,
        FIRST_RELATION + (number >>> BLOCKS_PER_RELATION_LOG2),
        0,
        number & (1L << BLOCKS_PER_RELATION_LOG2) - 1);
  }

  private static long numberOf(PageKey key) {
    return ((key.rel() - FIRST_RELATION) << BLOCKS_PER_RELATION_LOG2) | key.block();
  }

  private long timelineKey(TimelineId timeline) {
    return mix(mix(seed ^ timeline.high()) + timeline.low());
  }

  private long roundKey(TimelineId timeline, long round) {
    return mix(timelineKey(timeline) + GOLDEN * (round + 1));
  }

  private long permute(long number, long key) {
    long value = number;
    do {
      value = feistel(value, key, /* forward= */ true);
    } while (value >= keys);
    return value;
  }

  private long permuteBack(long number, long key) {
    long value = number;
    do {
      value = feistel(value, key, /* forward= */ false);
    } while (value >= keys);
    return value;
  }

  /** A permutation of the numbers of {@code 2 * halfBits} bits. */
  private long feistel(long value, long key, boolean forward) {
    long mask = (1L << halfBits) - 1;
    long left = value >>> halfBits;
    long right = value & mask;
    for (int i = 0; i < FEISTEL_ROUNDS; i++) {
      if (forward) {
        long next = left ^ (mix((key + i * GOLDEN) ^ right) & mask);
        left = right;
        right = next;
      } else {
        long before = right ^ (mix((key + (FEISTEL_ROUNDS - 1 - i) * GOLDEN) ^ left) & mask);
        right = left;
        left = before;
      }
    }
    return left << halfBits | right;
  }

  /** The finisher of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ a >>> 27) * 0x94D049BB133111EBL;
    return b ^ b >>> 31;
  }
}
