package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.DroppedPages;
import io.walstrata.layerstore.LayerFileReport;
import io.walstrata.layerstore.LayerFiles;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file that may be damaged in every way there is. Each read is right or refused; where what
 * is right cannot be known, it only has to end.
 */
final class FuzzReads {
  private static final int MAX_VISITS = 100_000;

  private final Random random;
  private final byte[] bytes;
  private final List<PageKey> keys = new ArrayList<>(); // to ask for, sorted
  private final @Nullable NavigableMap<PageKey, NavigableMap<Lsn, Value>> expected;

  /**
   * @param asked keys to ask for, among others
   * @param expected what every read that is not refused has to give; null if that is not known
   */
  FuzzReads(
      Random random,
      byte[] bytes,
      NavigableMap<PageKey, NavigableMap<Lsn, Value>> asked,
      @Nullable NavigableMap<PageKey, NavigableMap<Lsn, Value>> expected) {
    this.random = random;
    this.bytes = bytes;
    this.expected = expected;
    List<PageKey> all = new ArrayList<>(asked.keySet());
    for (int i = 0; i < 4 && !all.isEmpty(); i++) {
      PageKey key = all.get(random.nextInt(all.size()));
      keys.addAll(List.of(key, key.next()));
    }
    keys.add(FuzzFile.key(random.nextInt(1000)));
    keys.add(new PageKey(random.nextLong(), random.nextLong()));
    keys.add(random.nextBoolean() ? PageKey.MIN : new PageKey(-1, -2));
    List<PageKey> sorted =
        keys.stream().distinct().filter(k -> !k.equals(PageKey.MAX)).sorted().toList();
    keys.clear();
    keys.addAll(sorted);
  }

  @FunctionalInterface
  private interface Read {
    void run() throws IOException;
  }

  /** Runs something that may be refused, if properly; returns whether it was. */
  private static boolean isRefused(Read read) throws IOException {
    try {
      read.run();
      return false;
    } catch (CorruptLayerException | UnsupportedFormatException e) {
      assertThat(e.getMessage()).contains("file=");
      return true;
    }
  }

  /** Reads the open file in every way. */
  void all(DeltaLayerReader reader) throws IOException {
    for (PageKey key : keys) {
      isRefused(() -> descend(reader, key));
      isRefused(() -> contains(reader, key));
    }
    isRefused(() -> forEach(reader));
    isRefused(() -> range(reader));
    isRefused(() -> listed(reader));
  }

  private Lsn lsn() {
    return switch (random.nextInt(4)) {
      case 0 -> Lsn.of(-2);
      case 1 -> Lsn.of(random.nextLong());
      default -> Lsn.of(1 + random.nextInt(300));
    };
  }

  private @Nullable List<Sample.Entry> expected(PageKey key, Lsn asOf, Lsn above) {
    if (expected == null) {
      return null;
    }
    List<Sample.Entry> entries = new ArrayList<>();
    expected
        .getOrDefault(key, Collections.emptyNavigableMap())
        .headMap(asOf, true)
        .descendingMap()
        .forEach(
            (lsn, value) -> {
              if (lsn.isAfter(above)) {
                entries.add(new Sample.Entry(key, lsn, value));
              }
            });
    return entries;
  }

  private static void check(List<Sample.Entry> read, @Nullable List<Sample.Entry> expected) {
    if (expected != null && !read.equals(expected)) { // a message of values would be endless
      throw new AssertionError("other versions: expected=" + expected + ", read=" + read);
    }
  }

  private void descend(DeltaLayerReader reader, PageKey key) throws IOException {
    Lsn asOf = lsn();
    Lsn above = random.nextBoolean() ? Lsn.INVALID : lsn();
    List<Sample.Entry> read = new ArrayList<>();
    reader.descend(key, asOf, above, collecting(read), new CostCounter());
    check(read, expected(key, asOf, above));
  }

  private static VersionVisitor collecting(List<Sample.Entry> read) {
    return (key, lsn, value) ->
        read.add(new Sample.Entry(key, lsn, value)) && read.size() < MAX_VISITS;
  }

  private void contains(DeltaLayerReader reader, PageKey key) throws IOException {
    Lsn lsn = lsn();
    if (expected != null && expected.containsKey(key) && random.nextBoolean()) {
      lsn = expected.get(key).firstKey();
    }
    boolean found = reader.contains(key, lsn);
    if (expected != null) {
      assertThat(found)
          .as("contains %s@%s", key, lsn)
          .isEqualTo(expected.getOrDefault(key, Collections.emptyNavigableMap()).containsKey(lsn));
    }
  }

  private void forEach(DeltaLayerReader reader) throws IOException {
    List<Sample.Entry> read = new ArrayList<>();
    List<Sample.Entry> right = entries();
    reader.forEach(
        (key, lsn, value) -> {
          read.add(new Sample.Entry(key, lsn, value));
          int last = read.size() - 1;
          if (expected != null
              && !(last < right.size() && right.get(last).equals(read.get(last)))) {
            throw new AssertionError("wrong version: number=" + last + ", read=" + read.get(last));
          }
          return read.size() < MAX_VISITS;
        });
    if (expected != null) {
      assertThat(read.size()).isEqualTo(right.size());
    }
  }

  private List<Sample.Entry> entries() {
    List<Sample.Entry> entries = new ArrayList<>();
    if (expected != null) {
      expected.forEach(
          (key, ofKey) ->
              ofKey.forEach((lsn, value) -> entries.add(new Sample.Entry(key, lsn, value))));
    }
    return entries;
  }

  /** Reads a range of keys as the reader of pages does. */
  private void range(DeltaLayerReader reader) throws IOException {
    PageKey start = random.nextBoolean() ? PageKey.MIN : keys.get(random.nextInt(keys.size()));
    KeyRange range = new KeyRange(start, PageKey.MAX);
    VersionCursor cursor = reader.cursor(range, 1 << random.nextInt(20), new CostCounter());
    PageKey from = start;
    while (true) {
      PageKey found = cursor.ceiling(from);
      PageKey right = expected == null ? found : expected.ceilingKey(from);
      assertThat(found).isEqualTo(right);
      if (found == null) {
        return;
      }
      assertThat(found).as("or this would never end").isGreaterThanOrEqualTo(from);
      if (random.nextBoolean()) {
        List<Sample.Entry> read = new ArrayList<>();
        Lsn asOf = lsn();
        cursor.descend(found, asOf, Lsn.INVALID, collecting(read));
        check(read, expected(found, asOf, Lsn.INVALID));
      }
      from = found.next();
    }
  }

  private void listed(DeltaLayerReader reader) throws IOException {
    Lsn asOf = lsn();
    VersionCursor cursor = reader.cursor(keys, asOf, 1 << random.nextInt(20), new CostCounter());
    for (PageKey key : keys) {
      if (random.nextInt(5) > 0) {
        List<Sample.Entry> read = new ArrayList<>();
        cursor.descend(key, asOf, Lsn.INVALID, collecting(read));
        check(read, expected(key, asOf, Lsn.INVALID));
      }
    }
  }

  /** Reads it as the only layer of a store. */
  void store(DeltaLayerFooter footer, Path directory) throws IOException {
    Lsn last = Lsn.of(footer.lsnRange().endLsn().value() - 1);
    FuzzHome home = new FuzzHome(bytes, footer);
    isRefused(
        () -> {
          try (LayerStore store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS)) {
            for (PageKey key : keys) {
              isRefused(() -> store.get(footer.timeline(), key, last));
            }
            isRefused(() -> store.getAll(footer.timeline(), keys, last, page -> true));
            isRefused(() -> scan(store, footer, last));
            isRefused(() -> history(store, footer));
          }
        });
  }

  private static void scan(LayerStore store, DeltaLayerFooter footer, Lsn last) throws IOException {
    List<PageKey> found = new ArrayList<>();
    store.scan(
        footer.timeline(),
        KeyRange.ALL,
        last,
        DroppedPages.SHOW,
        MAX_VISITS,
        page -> {
          if (!found.isEmpty()) {
            assertThat(page.key()).isGreaterThan(found.get(0));
            found.clear();
          }
          return found.add(page.key());
        });
  }

  private void history(LayerStore store, DeltaLayerFooter footer) throws IOException {
    PageKey key = keys.get(random.nextInt(keys.size()));
    LsnRange all = new LsnRange(Lsn.INVALID, Lsn.MAX);
    store.history(footer.timeline(), key, all, MAX_VISITS, entry -> true);
  }

  /** Looks into it as the command line does; it must find what the reader finds. */
  void file(Path path, boolean isIntact) throws IOException {
    Files.write(path, bytes);
    LayerFileReport report = LayerFiles.verify(path);
    assertThat(report.isIntact()).isEqualTo(isIntact);
    boolean isRefused = isRefused(() -> LayerFiles.dump(path, ValueDescriber.LENGTH, line -> {}));
    assertThat(isRefused && isIntact).isFalse();
    isRefused(() -> LayerFiles.info(path));
  }

  /** Returns the versions of a file that is intact. */
  static NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions(DeltaLayerReader reader)
      throws IOException {
    NavigableMap<PageKey, NavigableMap<Lsn, Value>> versions = new TreeMap<>();
    reader.forEach(
        (key, lsn, value) -> {
          Value twice = versions.computeIfAbsent(key, any -> new TreeMap<>()).put(lsn, value);
          assertThat(twice).isNull();
          return true;
        });
    return versions;
  }

  @Override
  public String toString() {
    return bytes.length + " bytes, hash " + Arrays.hashCode(bytes);
  }
}
