package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cursors over files of many small blocks, against sorted maps of the same versions. */
class DeltaLayerCursorTest {
  private static final int KEYS = 200;
  private static final long LAST_LSN = 500;

  private final TreeMap<PageKey, TreeMap<Lsn, Value>> versions = new TreeMap<>();

  static LongStream seeds() {
    return Seeds.seeds(60);
  }

  /** A file that remembers what was read of its blocks, and fails if it was read before. */
  private static final class OnceInput implements LayerFileInput {
    private final LayerFileInput file;
    private final boolean[] isRead;
    private boolean counts;
    private int reads;

    OnceInput(byte[] content) {
      file = MemoryFile.input(content);
      isRead = new boolean[content.length];
    }

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long length() {
      return file.length();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      for (int i = 0; counts && i < target.remaining(); i++) {
        assertThat(isRead[(int) position + i])
            .as("byte %s was read before", position + i)
            .isFalse();
        isRead[(int) position + i] = true;
      }
      reads++;
      file.read(position, target);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  private void fill(Random random) {
    for (int number = 0; number < KEYS; number++) {
      if (random.nextInt(3) > 0) {
        TreeMap<Lsn, Value> ofKey = new TreeMap<>();
        for (int i = random.nextInt(12) == 0 ? 80 : 1 + random.nextInt(3); i > 0; i--) {
          byte[] bytes = new byte[random.nextInt(20) == 0 ? 3000 : random.nextInt(60)];
          random.nextBytes(bytes);
          ofKey.put(Lsn.of(1 + random.nextLong(LAST_LSN)), Value.walRecord(bytes, false));
        }
        versions.put(key(number), ofKey);
      }
    }
  }

  private OnceInput write(int blockTargetBytes) throws IOException {
    MemoryFile file = new MemoryFile();
    DeltaLayerWriter writer =
        new DeltaLayerWriter(
            file,
            Sample.TIMELINE,
            new KeyRange(key(0), key(KEYS)),
            new LsnRange(Lsn.of(1), Lsn.of(LAST_LSN + 1)),
            versions.size(),
            Compression.NONE,
            blockTargetBytes);
    for (Map.Entry<PageKey, TreeMap<Lsn, Value>> ofKey : versions.entrySet()) {
      for (Map.Entry<Lsn, Value> version : ofKey.getValue().entrySet()) {
        Sample.add(writer, ofKey.getKey(), version.getKey(), version.getValue());
      }
    }
    writer.finish(List.of(), /* startOffset= */ 0, /* endOffset= */ 1);
    return new OnceInput(file.toBytes());
  }

  /** Reads some of a key's versions, as many as a read of the page might need. */
  private void check(VersionCursor cursor, PageKey key, Random random) throws IOException {
    Lsn above = random.nextBoolean() ? Lsn.INVALID : Lsn.of(random.nextLong(LAST_LSN));
    check(cursor, key, Lsn.of(1 + random.nextLong(LAST_LSN)), above, random.nextInt(100));
  }

  private void check(VersionCursor cursor, PageKey key, Lsn asOf, Lsn above, int most)
      throws IOException {
    List<Map.Entry<Lsn, Value>> expected = new ArrayList<>();
    for (Map.Entry<Lsn, Value> version :
        versions
            .getOrDefault(key, new TreeMap<>())
            .headMap(asOf, true)
            .descendingMap()
            .entrySet()) {
      if (version.getKey().isAfter(above) && expected.size() <= most) {
        expected.add(Map.entry(version.getKey(), version.getValue()));
      }
    }
    List<Map.Entry<Lsn, Value>> found = new ArrayList<>();
    cursor.descend(
        key,
        asOf,
        above,
        (at, lsn, value) -> {
          assertThat(at).isEqualTo(key);
          found.add(Map.entry(lsn, value));
          return found.size() <= most;
        });
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void overARange_givesItsKeysAndVersions_readingNoBlockTwice(long seed) throws IOException {
    Random random = new Random(seed);
    fill(random);
    OnceInput input = write(1 + random.nextInt(2000));
    try (DeltaLayerReader reader = DeltaLayerReader.open(input)) {
      input.counts = true;
      int start = random.nextInt(KEYS);
      PageKey end = key(start + 1 + random.nextInt(KEYS - start));
      CostCounter cost = new CostCounter();
      VersionCursor cursor =
          reader.cursor(new KeyRange(key(start), end), random.nextInt(20_000), cost);
      PageKey from = key(start);
      while (from.compareTo(end) < 0) {
        PageKey expected = versions.ceilingKey(from);
        expected = expected == null || expected.compareTo(end) >= 0 ? null : expected;
        PageKey found = cursor.ceiling(from);
        assertThat(found).as(Seeds.replay(seed)).isEqualTo(expected);
        if (found != null && random.nextInt(5) > 0) {
          check(cursor, found, random);
        }
        from = found == null ? end : found.next();
      }
      assertThat(cost.cost().blocksRead()).isLessThanOrEqualTo(reader.footer().blocks());
      assertThat(cost.cost().fileReads()).isLessThanOrEqualTo(cost.cost().blocksRead());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void overAListOfKeys_givesTheirVersions_readingNoBlockTwice(long seed) throws IOException {
    Random random = new Random(seed);
    fill(random);
    OnceInput input = write(1 + random.nextInt(2000));
    List<PageKey> keys =
        random
            .ints(1 + random.nextInt(60), 0, KEYS + 20)
            .sorted()
            .distinct()
            .mapToObj(DeltaLayerCursorTest::key)
            .toList();
    Lsn asOf = Lsn.of(1 + random.nextLong(LAST_LSN));
    try (DeltaLayerReader reader = DeltaLayerReader.open(input)) {
      input.counts = true;
      CostCounter cost = new CostCounter();
      VersionCursor cursor = reader.cursor(keys, asOf, random.nextInt(20_000), cost);
      for (PageKey key : keys) {
        if (random.nextInt(5) > 0) {
          check(cursor, key, asOf, Lsn.INVALID, random.nextInt(100));
        }
      }
      assertThat(cost.cost().blocksRead()).isLessThanOrEqualTo(reader.footer().blocks());
    }
  }

  @Test
  void overAListOfKeys_readsNeighbouringBlocksAtOnce() throws IOException {
    for (int number = 0; number < KEYS; number++) {
      versions.put(key(number), new TreeMap<>(Map.of(Lsn.of(7), Value.image(new byte[100]))));
    }
    OnceInput input = write(/* blockTargetBytes= */ 200);
    List<PageKey> keys = List.copyOf(versions.keySet());
    try (DeltaLayerReader reader = DeltaLayerReader.open(input)) {
      assertThat(reader.footer().blocks()).isGreaterThan(50);
      input.reads = 0;
      readAll(reader.cursor(keys, Lsn.of(LAST_LSN), 1 << 20, new CostCounter()), keys);
      assertThat(input.reads).isEqualTo(1);

      input.reads = 0;
      CostCounter cost = new CostCounter();
      readAll(reader.cursor(keys, Lsn.of(LAST_LSN), /* maxReadBytes= */ 0, cost), keys);
      assertThat(input.reads).isEqualTo((int) reader.footer().blocks());
      long blockBytes = reader.footer().indexPosition() - DeltaLayerFormat.HEADER_LENGTH;
      long blocks = reader.footer().blocks();
      assertThat(cost.cost()).isEqualTo(new ReadCost(0, 0, 0, blocks, blocks, blockBytes, 0, 0, 0));
    }
  }

  @Test
  void overAListOfKeys_thatLieFarApart_readsNothingBetweenThem() throws IOException {
    for (int number = 0; number < 3; number++) {
      TreeMap<Lsn, Value> ofKey = new TreeMap<>();
      ofKey.put(Lsn.of(7), Value.image(new byte[number == 1 ? 100_000 : 100]));
      versions.put(key(number), ofKey);
    }
    OnceInput input = write(/* blockTargetBytes= */ 200);
    List<PageKey> keys = List.of(key(0), key(2));
    try (DeltaLayerReader reader = DeltaLayerReader.open(input)) {
      CostCounter cost = new CostCounter();
      readAll(reader.cursor(keys, Lsn.of(LAST_LSN), 1 << 20, cost), keys);
      assertThat(cost.cost().fileBytes()).isLessThan(20_000);
    }
  }

  private static void readAll(VersionCursor cursor, List<PageKey> keys) throws IOException {
    for (PageKey key : keys) {
      Lsn asOf = Lsn.of(LAST_LSN);
      cursor.descend(key, asOf, Lsn.INVALID, (at, lsn, value) -> value.kind().needsOlder());
    }
  }
}
