package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;

/** Damages files: as disks and programs do, and as an attacker does who knows the format. */
final class Mutations {
  private static final int[] HEADER_FIELDS = {
    0, HEADER_VERSION, HEADER_TIMELINE, HEADER_KEYS, HEADER_KEYS + 18, HEADER_LSNS, HEADER_LSNS + 8
  };
  private static final int[] FOOTER_FIELDS = {
    0,
    FOOTER_TIMELINE,
    FOOTER_KEYS,
    FOOTER_KEYS + 18,
    FOOTER_LSNS,
    FOOTER_LSNS + 8,
    FOOTER_START_OFFSET,
    FOOTER_END_OFFSET,
    FOOTER_VERSIONS,
    FOOTER_KEY_COUNT,
    FOOTER_TOMBSTONES,
    FOOTER_VALUE_BYTES,
    FOOTER_BLOCKS,
    FOOTER_DIGEST,
    FOOTER_INDEX_POSITION,
    FOOTER_TOMBSTONES_POSITION,
    FOOTER_FILTER_POSITION,
    FOOTER_POSITION,
    FOOTER_FILE_LENGTH,
    FOOTER_ALGORITHM,
    FOOTER_VERSION,
    FOOTER_FOOTER_LENGTH
  };

  /** Longer ones are left alone inside: the copies would be the test's memory, not the reader's. */
  private static final int MAX_CHANGED_BODY = 1 << 20;

  private final Random random;

  Mutations(Random random) {
    this.random = random;
  }

  /** Returns damaged bytes, whose checksums are left as they are. */
  byte[] blind(byte[] good) {
    byte[] bytes = good.clone();
    for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
      bytes = blindly(bytes);
    }
    return bytes;
  }

  private byte[] blindly(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(bytes.length - at, 1 << random.nextInt(14)));
    int from = random.nextInt(bytes.length - length + 1);
    switch (random.nextInt(8)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) random.nextInt(256);
      case 3 -> Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? 0 : -1));
      case 4 -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, at, length);
      }
      case 5 -> System.arraycopy(bytes, from, bytes, at, length); // splice
      case 6 -> {
        byte[] kept = Arrays.copyOfRange(bytes, at, at + length);
        System.arraycopy(bytes, from, bytes, at, length); // swap
        System.arraycopy(kept, 0, bytes, from, length);
      }
      default -> {
        return random.nextBoolean()
            ? Arrays.copyOf(bytes, at)
            : resized(bytes, bytes.length + length);
      }
    }
    return bytes;
  }

  private byte[] resized(byte[] bytes, int length) {
    byte[] resized = Arrays.copyOf(bytes, length);
    for (int i = bytes.length; i < length && random.nextBoolean(); i++) {
      resized[i] = (byte) random.nextInt();
    }
    return resized;
  }

  /** Returns a file with other fields, blocks or lengths, and checksums that are right. */
  byte[] knowing(byte[] good) throws IOException {
    FileParts parts = new FileParts(good);
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      knowingly(parts);
    }
    return parts.toBytes(/* fits= */ random.nextInt(4) > 0);
  }

  private void knowingly(FileParts parts) {
    switch (random.nextInt(12)) {
      case 0 -> field(parts.header, HEADER_FIELDS[random.nextInt(HEADER_FIELDS.length)]);
      case 1, 2 -> field(parts.footer, FOOTER_FIELDS[random.nextInt(FOOTER_FIELDS.length)]);
      case 3 -> {
        int[] fields = {0, 1, 14, BLOCK_REF_LSN, BLOCK_REF_POSITION};
        record(parts.index, 0, parts.refs(), BLOCK_REF_LENGTH, fields);
      }
      case 4 -> {
        int[] fields = {0, 1, 14, 18, 19, 32, TOMBSTONE_LSN};
        int count = parts.tombstones.length / TOMBSTONE_LENGTH;
        record(parts.tombstones, 0, count, TOMBSTONE_LENGTH, fields);
      }
      case 5 -> section(parts);
      case 6 -> parts.filter = blind(parts.filter);
      case 7, 8, 9 -> block(parts);
      default -> order(parts);
    }
  }

  /** Makes a section longer or shorter, by whole records or not. */
  private void section(FileParts parts) {
    int change = random.nextInt(9) - 4;
    switch (random.nextInt(5)) {
      case 0 -> parts.index = changed(parts.index, change, BLOCK_REF_LENGTH);
      case 1 -> parts.tombstones = changed(parts.tombstones, change, TOMBSTONE_LENGTH);
      case 2 -> parts.filter = changed(parts.filter, change, KeyFilter.LINE_BYTES);
      case 3 -> parts.header = changed(parts.header, change, Long.BYTES);
      default -> parts.footer = changed(parts.footer, change, Long.BYTES);
    }
  }

  private byte[] changed(byte[] section, int change, int recordLength) {
    int unit = random.nextBoolean() ? recordLength : 1;
    return resized(section, Math.max(0, section.length + change * unit));
  }

  /** Drops, repeats or swaps blocks, with their place in the index or without. */
  private void order(FileParts parts) {
    if (parts.blocks.isEmpty()) {
      return;
    }
    int block = random.nextInt(parts.blocks.size());
    int other = random.nextInt(parts.blocks.size());
    boolean withRef = random.nextBoolean();
    int at = block * BLOCK_REF_LENGTH;
    switch (random.nextInt(3)) {
      case 0 -> {
        parts.blocks.remove(block);
        if (withRef && at + BLOCK_REF_LENGTH <= parts.index.length) {
          byte[] index = Arrays.copyOf(parts.index, parts.index.length - BLOCK_REF_LENGTH);
          System.arraycopy(parts.index, at + BLOCK_REF_LENGTH, index, at, index.length - at);
          parts.index = index;
        }
      }
      case 1 -> {
        parts.blocks.add(block, parts.blocks.get(other));
        if (withRef && at <= parts.index.length) {
          byte[] index = Arrays.copyOf(parts.index, parts.index.length + BLOCK_REF_LENGTH);
          System.arraycopy(parts.index, at, index, at + BLOCK_REF_LENGTH, parts.index.length - at);
          parts.index = index;
        }
      }
      default -> Collections.swap(parts.blocks, block, other);
    }
  }

  private void block(FileParts parts) {
    if (parts.blocks.isEmpty()) {
      return;
    }
    int number = random.nextInt(parts.blocks.size());
    byte[] block = parts.blocks.get(number).clone();
    switch (random.nextInt(10)) {
      case 0 -> block[0] = (byte) random.nextInt(4);
      case 1 -> put(block, BLOCK_BODY_LENGTH, Integer.BYTES);
      case 2 -> block = blind(block);
      case 3 -> block = resized(block, Math.max(1, block.length + random.nextInt(65) - 32));
      default -> block = body(block);
    }
    parts.blocks.set(number, block);
  }

  /** Changes what is in a body and stores it again. */
  private byte[] body(byte[] block) {
    if (block.length < BLOCK_STORED
        || ByteBuffer.wrap(block).getInt(BLOCK_BODY_LENGTH) > MAX_CHANGED_BODY) {
      return block;
    }
    byte[] body;
    try {
      Compression compression = Compression.of(block[0]);
      int length = ByteBuffer.wrap(block).getInt(BLOCK_BODY_LENGTH);
      if (compression == Compression.NONE) {
        body = Arrays.copyOfRange(block, BLOCK_STORED, block.length);
      } else {
        body = new byte[length];
        BlockCodec.decompress(compression, block, BLOCK_STORED, block.length - BLOCK_STORED, body);
      }
    } catch (RuntimeException e) {
      return block; // damaged before
    }
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      body = changedBody(body);
    }
    Compression compression = Compression.values()[random.nextInt(3)];
    byte[] stored = body;
    int length = body.length;
    if (compression != Compression.NONE && length > 0) {
      stored = new byte[BlockCodec.maxLength(compression, length)];
      length = BlockCodec.compress(compression, body, 0, length, stored);
    }
    ByteBuffer again = ByteBuffer.allocate(BLOCK_STORED + length);
    again.put((byte) compression.id()).putInt(body.length).put(stored, 0, length);
    return again.array();
  }

  private byte[] changedBody(byte[] body) {
    if (body.length < MIN_BODY) {
      return body;
    }
    int keys = ByteBuffer.wrap(body).getInt(0);
    int versions = ByteBuffer.wrap(body).getInt(BODY_VERSIONS);
    long entries = BODY_RUNS + (long) keys * RUN_LENGTH;
    switch (random.nextInt(12)) {
      case 0 -> put(body, 0, Integer.BYTES);
      case 1 -> put(body, BODY_VERSIONS, Integer.BYTES);
      case 2 -> {
        put(body, 0, Integer.BYTES);
        put(body, BODY_VERSIONS, Integer.BYTES);
      }
      case 3, 4, 5 -> record(body, BODY_RUNS, keys, RUN_LENGTH, 0, 1, 14, RUN_END, RUN_END);
      case 6, 7, 8, 9 -> {
        int[] fields = {0, ENTRY_KIND, ENTRY_VALUE_END, ENTRY_VALUE_END};
        record(body, entries, versions, ENTRY_LENGTH, fields);
      }
      case 10 -> {
        return resized(body, Math.max(0, body.length + random.nextInt(65) - 32));
      }
      default -> {
        return blind(body);
      }
    }
    return body;
  }

  /** Changes a field of one of some records of equal length. */
  private void record(byte[] bytes, long start, int count, int length, int... fields) {
    if (count > 0 && start >= 0 && start < bytes.length) {
      // The first and the last one are those that others are checked against.
      int record =
          random.nextInt(3) == 0 ? (random.nextBoolean() ? 0 : count - 1) : random.nextInt(count);
      long at = start + (long) record * length + fields[random.nextInt(fields.length)];
      if (at >= 0 && at < bytes.length) {
        field(bytes, (int) at);
      }
    }
  }

  private void field(byte[] bytes, int at) {
    put(bytes, at, 1 << random.nextInt(4));
  }

  /** Puts another number of some bytes' length in the place of one. */
  private void put(byte[] bytes, int at, int length) {
    if (at + length > bytes.length) {
      return;
    }
    long old = 0;
    for (int i = 0; i < length; i++) {
      old = old << 8 | bytes[at + i] & 0xFF;
    }
    long value = other(old);
    for (int i = length - 1; i >= 0; i--) {
      bytes[at + i] = (byte) value;
      value >>>= 8;
    }
  }

  private long other(long old) {
    return switch (random.nextInt(14)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> -1;
      case 3 -> Integer.MAX_VALUE - random.nextInt(10);
      case 4 -> Integer.MIN_VALUE;
      case 5 -> Long.MAX_VALUE - random.nextInt(200);
      case 6 -> Long.MIN_VALUE + random.nextInt(200);
      case 7 -> Value.MAX_BYTES + random.nextInt(64) - 10;
      case 8 -> old ^ 1L << random.nextInt(64);
      case 9 -> random.nextLong();
      case 10 -> old * 2;
      case 11 -> old + random.nextInt(2000) - 1000;
      default -> old + random.nextInt(5) - 2;
    };
  }

  /** Returns a manifest with another field or length, and a checksum that is right. */
  byte[] knowingManifest(byte[] good) {
    byte[] bytes = Arrays.copyOf(good, good.length - Checksum.BYTES);
    int change = 1 + random.nextInt(2);
    for (int i = 0; i < change; i++) {
      switch (random.nextInt(4)) {
        case 0 -> bytes = blind(bytes);
        case 1 -> {
          int[] header = {8, 10, 12, 20, 28, 36, 40};
          record(bytes, 0, 1, 44, header);
        }
        default -> {
          int timelines = bytes.length < 44 ? 0 : ByteBuffer.wrap(bytes).getInt(36);
          if (random.nextInt(4) == 0) {
            record(bytes, 44, timelines, 24, 0, 16);
          } else {
            int[] fields = {0, 16, 17, 18, 35, 36, 53, 61, 69, 77, 85, 93, 101, 109, 117, 125};
            int layers = bytes.length < 44 ? 0 : ByteBuffer.wrap(bytes).getInt(40);
            record(bytes, 44 + 24L * timelines, layers, 133, fields);
          }
        }
      }
      if (random.nextInt(3) > 0 && bytes.length >= 20) {
        ByteBuffer.wrap(bytes).putLong(12, bytes.length + Checksum.BYTES);
      }
    }
    return Checksum.seal(Arrays.copyOf(bytes, bytes.length + Checksum.BYTES));
  }
}
