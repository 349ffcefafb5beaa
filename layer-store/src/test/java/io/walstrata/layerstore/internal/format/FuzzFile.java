package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** A valid delta layer file, and what is in it. */
record FuzzFile(
    byte[] bytes,
    NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions,
    List<Tombstone> tombstones) {
  private static final int[] BLOCK_TARGETS = {1, 150, 2000, DeltaLayerFormat.BLOCK_TARGET_BYTES};
  private static final ValueKind[] KINDS = ValueKind.values();

  /** What a file holds. The order is a part of every seed. */
  private enum Content {
    SMALL,
    MANY_KEYS,
    ONE_KEY,
    MIXED,
    NO_TOMBSTONES,
    TOMBSTONES_ONLY,
    LONG_VALUE,
    LONGEST_VALUE
  }

  /** Files of all shapes, each made when it is first asked for. */
  static final class Shapes {
    private final Map<Long, FuzzFile> made = new TreeMap<>();

    /** Returns the file that the random numbers choose: the same for the same numbers. */
    FuzzFile choose(Random random) throws IOException {
      boolean isRare = random.nextInt(3000) == 0;
      Content content =
          isRare
              ? Content.LONGEST_VALUE
              : Content.values()[random.nextInt(Content.values().length - 1)];
      Compression compression = isRare ? Compression.ZSTD : Compression.values()[random.nextInt(3)];
      int target = isRare ? 0 : random.nextInt(BLOCK_TARGETS.length);
      long shape = content.ordinal() * 100L + compression.ordinal() * 10L + target;
      FuzzFile file = made.get(shape);
      if (file == null) {
        file = make(content, compression, BLOCK_TARGETS[target], new Random(shape));
        made.put(shape, file);
      }
      return file;
    }
  }

  private static FuzzFile make(
      Content content, Compression compression, int blockTargetBytes, Random random)
      throws IOException {
    NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions = versions(content, random);
    int drops =
        switch (content) {
          case SMALL, ONE_KEY, LONG_VALUE -> 2;
          case MIXED, TOMBSTONES_ONLY -> 30;
          default -> 0;
        };
    List<Tombstone> tombstones = tombstones(drops, random);
    MemoryFile file = new MemoryFile();
    DeltaLayerWriter writer =
        new DeltaLayerWriter(
            file,
            Sample.TIMELINE,
            keyRange(versions, tombstones),
            lsnRange(versions, tombstones),
            versions.size(),
            compression,
            blockTargetBytes);
    for (Map.Entry<PageKey, NavigableMap<Lsn, Value>> ofKey : versions.entrySet()) {
      for (Map.Entry<Lsn, Value> version : ofKey.getValue().entrySet()) {
        Sample.add(writer, ofKey.getKey(), version.getKey(), version.getValue());
      }
    }
    writer.finish(tombstones, /* startOffset= */ 100, /* endOffset= */ 142);
    return new FuzzFile(file.toBytes(), versions, tombstones);
  }

  private static NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions(
      Content content, Random random) {
    NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions = new TreeMap<>();
    switch (content) {
      case SMALL ->
          Sample.small()
              .entries()
              .forEach(entry -> add(versions, entry.key(), entry.lsn().value(), entry.value()));
      case MANY_KEYS -> {
        for (int i = 0; i < 300; i++) {
          add(versions, key(3 * i), 1 + random.nextInt(50), value(random, 20));
        }
      }
      case ONE_KEY -> {
        for (int i = 0; i < 300; i++) {
          add(versions, key(7), 1 + 2 * i, value(random, 20));
        }
      }
      case MIXED, NO_TOMBSTONES -> {
        for (int i = 0; i < 200; i++) {
          int length = random.nextInt(10) == 0 ? 4000 : 40;
          add(versions, key(random.nextInt(40)), 1 + random.nextInt(200), value(random, length));
        }
      }
      case TOMBSTONES_ONLY -> {}
      case LONG_VALUE -> {
        add(versions, key(1), 5, value(random, 30));
        add(versions, key(1), 6, new Value(ValueKind.IMAGE, new byte[200_000]));
        add(versions, key(2), 6, value(random, 30));
      }
      case LONGEST_VALUE ->
          add(versions, key(1), 6, new Value(ValueKind.IMAGE, new byte[Value.MAX_BYTES]));
    }
    return versions;
  }

  private static void add(
      NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions,
      PageKey key,
      long lsn,
      Value value) {
    versions.computeIfAbsent(key, any -> new TreeMap<>()).put(Lsn.of(lsn), value);
  }

  static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  /** Half of the values can be compressed. */
  private static Value value(Random random, int maxLength) {
    byte[] bytes = new byte[random.nextInt(maxLength + 1)];
    if (random.nextBoolean()) {
      random.nextBytes(bytes);
    }
    return new Value(KINDS[random.nextInt(KINDS.length)], bytes);
  }

  private static List<Tombstone> tombstones(int count, Random random) {
    List<Tombstone> tombstones = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int start = random.nextInt(40);
      KeyRange keys = new KeyRange(key(start), key(start + 1 + random.nextInt(40)));
      tombstones.add(new Tombstone(keys, Lsn.of(1 + random.nextInt(200))));
    }
    return tombstones.stream().distinct().sorted().toList();
  }

  private static KeyRange keyRange(
      NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions, List<Tombstone> tombstones) {
    List<PageKey> starts = new ArrayList<>(versions.keySet());
    List<PageKey> ends = new ArrayList<>();
    versions.keySet().forEach(key -> ends.add(key.next()));
    tombstones.forEach(tombstone -> starts.add(tombstone.keys().startKey()));
    tombstones.forEach(tombstone -> ends.add(tombstone.keys().endKey()));
    return new KeyRange(
        starts.stream().min(PageKey::compareTo).orElseThrow(),
        ends.stream().max(PageKey::compareTo).orElseThrow());
  }

  private static LsnRange lsnRange(
      NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions, List<Tombstone> tombstones) {
    List<Lsn> lsns = new ArrayList<>();
    versions.values().forEach(ofKey -> lsns.addAll(ofKey.keySet()));
    tombstones.forEach(tombstone -> lsns.add(tombstone.lsn()));
    return new LsnRange(
        lsns.stream().min(Lsn::compareTo).orElseThrow(),
        lsns.stream().max(Lsn::compareTo).orElseThrow().next());
  }
}
