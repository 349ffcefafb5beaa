package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.testkit.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * A short log, always the same, and what a store shows that has taken it up to an offset: three
 * timelines, the third one late, with single versions, batches, tombstones and progress marks.
 */
final class FaultLog {
  static final int END = 23;

  /** Between the second one and the third nothing is put: the third writes a manifest alone. */
  private static final List<Integer> FREEZE_POINTS = List.of(4, 9, 10, 16, 20);

  private static final int KEYS = 4;

  /** One read and what it should give. */
  private record Read(TimelineId timeline, PageKey key, Lsn asOf, Model.Expected expected) {}

  /** A store after the record at an offset. */
  private record State(
      List<TimelineId> timelines, List<Lsn> lastLsns, long versions, List<Read> reads) {}

  private interface Entry {
    void apply(LayerWriter writer, long offset) throws IOException;
  }

  private final List<Entry> entries = new ArrayList<>();
  private final List<State> states = new ArrayList<>(); // by offset + 1
  private final List<Model> models = List.of(new Model(), new Model(), new Model());
  private final Random random = new Random(20);

  FaultLog() {
    states.add(state());
    for (int offset = 0; offset < END; offset++) {
      entries.add(entry(offset));
      states.add(state());
    }
  }

  private static TimelineId timeline(int number) {
    return new TimelineId(number, 9);
  }

  private static PageKey key(int block) {
    return PageKey.of(0, 1663, 5, 16384, 0, block);
  }

  private Entry entry(int offset) {
    int number = offset == 10 ? 0 : offset % (offset < 6 ? 2 : 3);
    Lsn lsn = Lsn.of(100 + 10L * offset);
    Model model = models.get(number);
    TimelineId timeline = timeline(number);
    if (offset == 10) {
      model.progress(lsn);
      return (writer, at) -> writer.progress(at, timeline, lsn);
    }
    return switch (offset % 6) {
      case 3 -> batch(number, lsn);
      case 5 -> {
        KeyRange keys = new KeyRange(key(offset % KEYS), key(KEYS));
        model.tombstone(keys, lsn);
        yield (writer, at) -> writer.tombstone(at, timeline, keys, lsn);
      }
      default -> {
        PageKey key = key(random.nextInt(KEYS));
        // Some values are longer than the buffer in front of the ephemeral file.
        Value value = new Value(kind(), bytes(offset % 6 == 2 ? 6_000 : 1_500));
        model.put(key, lsn, value);
        yield (writer, at) -> writer.put(at, timeline, key, lsn, value);
      }
    };
  }

  private Entry batch(int number, Lsn lsn) {
    byte[] raw = bytes(3_000);
    List<PageKey> keys = new ArrayList<>();
    List<ValueKind> kinds = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      keys.add(key(i));
      kinds.add(kind());
      byte[] value = java.util.Arrays.copyOfRange(raw, 1000 * i, 1000 * (i + 1));
      models.get(number).put(keys.get(i), Lsn.of(lsn.value() + i), new Value(kinds.get(i), value));
    }
    return (writer, at) -> {
      ValueBatch batch = new ValueBatch();
      batch.reset(timeline(number), raw, 0, raw.length);
      for (int i = 0; i < 3; i++) {
        batch.add(keys.get(i), Lsn.of(lsn.value() + i), 1000 * i, 1000, kinds.get(i));
      }
      writer.putAll(at, batch);
    };
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private ValueKind kind() {
    return random.nextInt(3) == 0 ? ValueKind.WAL_RECORD : ValueKind.IMAGE;
  }

  private State state() {
    List<TimelineId> timelines = new ArrayList<>();
    List<Lsn> lastLsns = new ArrayList<>();
    List<Read> reads = new ArrayList<>();
    long versions = 0;
    for (int number = 0; number < models.size(); number++) {
      Model model = models.get(number);
      if (model.lastLsn().isValid()) {
        timelines.add(timeline(number));
        lastLsns.add(model.lastLsn());
        versions += model.versions();
        for (Lsn asOf : asOf(model)) {
          for (int block = 0; block < KEYS; block++) {
            reads.add(new Read(timeline(number), key(block), asOf, model.get(key(block), asOf)));
          }
        }
      }
    }
    return new State(timelines, lastLsns, versions, reads);
  }

  /** Every LSN of a version, and the last one. */
  private static Iterable<Lsn> asOf(Model model) {
    TreeSet<Lsn> lsns = new TreeSet<>(model.versionLsns());
    lsns.add(model.lastLsn());
    return lsns;
  }

  static boolean isFreezePoint(long offset) {
    return FREEZE_POINTS.contains((int) offset);
  }

  /** Returns the last freeze point. */
  static long lastFreezePoint() {
    return freezePoint(END);
  }

  /** Returns the last freeze point at or before an offset; -1 for none. */
  static long freezePoint(long offset) {
    return FREEZE_POINTS.stream().filter(point -> point <= offset).reduce(-1, Math::max);
  }

  /** Puts what is at an offset. */
  void apply(LayerWriter writer, long offset) throws IOException {
    entries.get((int) offset).apply(writer, offset);
  }

  /**
   * Checks that a store shows the log up to and with an offset, each version of it, and no more.
   */
  void check(LayerStore store, long offset) throws IOException {
    State state = states.get((int) offset + 1);
    List<TimelineInfo> infos = store.timelines();
    assertThat(infos).extracting(TimelineInfo::timeline).isEqualTo(state.timelines);
    assertThat(infos).extracting(TimelineInfo::lastLsn).isEqualTo(state.lastLsns);
    assertThat(infos.stream().mapToLong(TimelineInfo::versions).sum()).isEqualTo(state.versions);
    for (Read read : state.reads) {
      check(store, read);
    }
  }

  /** Checks every so many reads only. */
  void checkSome(LayerStore store, long offset, int step) throws IOException {
    List<Read> reads = states.get((int) offset + 1).reads;
    for (int i = reads.size() - 1; i >= 0; i -= step) {
      check(store, reads.get(i));
    }
  }

  private static void check(LayerStore store, Read read) throws IOException {
    ReconstructData data = store.get(read.timeline, read.key, read.asOf);
    Model.Expected found =
        new Model.Expected(data.status(), data.base(), data.records(), data.droppedAt());
    if (!found.equals(read.expected)) {
      assertThat(found).as("%s", read).isEqualTo(read.expected);
    }
  }
}
