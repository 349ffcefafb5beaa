package io.walstrata.layerstore.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.memory.MappedValues;
import io.walstrata.layerstore.internal.read.LayerDump;
import io.walstrata.layerstore.internal.read.ReconstructState;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One layer from open to frozen to delta; each has the same answers. */
class InMemoryLayerTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 2);
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 7);
  private static final PageKey OTHER = PageKey.of(0, 1663, 5, 16384, 0, 3);

  @TempDir Path directory;
  private EphemeralFile file;
  private InMemoryLayer open;

  @BeforeEach
  void openLayer() throws IOException {
    file = EphemeralFile.create(directory.resolve("ephemeral"), 0, 4096, TestWrites.RESOURCES);
    open = new InMemoryLayer(TIMELINE, lsn(10), 5, file);
  }

  @AfterEach
  void releaseFile() {
    file.release();
  }

  private static Lsn lsn(long value) {
    return Lsn.of(value);
  }

  private static LsnRange lsns(long start, long end) {
    return new LsnRange(lsn(start), lsn(end));
  }

  private static Value record(int fill) {
    return Value.walRecord(new byte[] {(byte) fill}, /* willInit= */ false);
  }

  private void fill() throws IOException {
    open.put(5, KEY, lsn(10), Value.image(new byte[100]));
    open.put(5, OTHER, lsn(10), record(1));
    open.put(6, KEY, lsn(20), record(2));
    open.put(7, KEY, lsn(30), record(3));
  }

  private InMemoryLayer frozen() {
    open.freeze(lsn(31), 8, FreezeReason.POLICY);
    return open;
  }

  private static ReconstructState state(PageKey key, long asOf) {
    return new ReconstructState(key, lsn(asOf), new CostCounter());
  }

  private static ReconstructState read(Layer layer, PageKey key, long asOf) throws IOException {
    ReconstructState state = state(key, asOf);
    state.ask(layer);
    return state;
  }

  @Test
  void reconstruct_stopsAtAnImage_orHasNoBase() throws IOException {
    fill();
    ReconstructState withImage = read(open, KEY, 30);
    assertThat(withImage.image()).isEqualTo(new Version(lsn(10), Value.image(new byte[100])));
    assertThat(withImage.records())
        .containsExactly(new Version(lsn(20), record(2)), new Version(lsn(30), record(3)));
    assertThat(read(open, KEY, 29).records()).hasSize(1);
    ReconstructState without = read(open, OTHER, 30);
    assertThat(without.hasBase()).isFalse();
    assertThat(without.records()).containsExactly(new Version(lsn(10), record(1)));
    assertThat(read(open, PageKey.MIN, 30).hasVersions()).isFalse();
  }

  @Test
  void reconstruct_stopsAtAWillInitRecord() throws IOException {
    fill();
    open.put(8, KEY, lsn(40), Value.walRecord(new byte[] {4}, /* willInit= */ true));
    open.put(9, KEY, lsn(50), record(5));

    ReconstructState state = read(open, KEY, 99);

    assertThat(state.hasBase()).isTrue();
    assertThat(state.image()).isNull();
    assertThat(state.records()).extracting(Version::lsn).containsExactly(lsn(40), lsn(50));
  }

  @Test
  void reconstruct_continuesFromWhatNewerLayersGave() throws IOException {
    fill();
    ReconstructState state = state(KEY, 60);
    state.visit(KEY, lsn(60), record(6));
    assertThat(state.isOver(open)).isFalse();
    state.ask(open);
    assertThat(state.image()).isNotNull();
    assertThat(state.records()).hasSize(3);
    assertThat(state.asked()).containsExactly(open);
  }

  @Test
  void reconstruct_isOverAfterABase_unlessAnOlderLayerSharesItsLsn() throws IOException {
    fill();
    ReconstructState shared = state(KEY, 60);
    shared.visit(KEY, lsn(30), Value.image(new byte[3]));
    assertThat(shared.isOver(open)).isFalse();
    ReconstructState above = state(KEY, 60);
    above.visit(KEY, lsn(31), Value.image(new byte[3]));
    assertThat(above.isOver(open)).isTrue();
  }

  @Test
  void tombstone_takesBackWhatANewerLayerGaveAtItsLsn() throws IOException {
    open.put(5, new Tombstone(KeyRange.of(KEY), lsn(10)));
    ReconstructState state = state(KEY, 20);
    state.visit(KEY, lsn(20), record(2));
    state.visit(KEY, lsn(10), Value.image(new byte[3]));

    state.ask(open);

    assertThat(state.records()).containsExactly(new Version(lsn(20), record(2)));
    assertThat(state.image()).isNull();
    assertThat(state.hasBase()).isFalse();
    assertThat(state.droppedAt()).isEqualTo(lsn(10));
  }

  @Test
  void put_ofTheSameKeyAndLsn_keepsTheFirst() throws IOException {
    assertThat(open.put(5, KEY, lsn(10), Value.image(new byte[7]))).isTrue();
    assertThat(open.put(5, KEY, lsn(10), record(1))).isFalse();
    assertThat(open.versions()).isEqualTo(1);
    assertThat(open.sizeBytes()).isEqualTo(7);
  }

  @Test
  void put_belowTheStart_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> open.put(5, KEY, lsn(9), record(1)));
  }

  @Test
  void freeze_endsThePuts() throws IOException {
    fill();
    InMemoryLayer frozen = frozen();

    assertThatIllegalStateException().isThrownBy(() -> open.put(8, KEY, lsn(40), record(1)));
    assertThatIllegalStateException()
        .isThrownBy(() -> open.put(8, new Tombstone(KeyRange.of(KEY), lsn(40))));
    assertThatIllegalStateException()
        .isThrownBy(() -> open.freeze(lsn(41), 9, FreezeReason.POLICY));
    assertThat(frozen.versions()).isEqualTo(4);
  }

  @Test
  void freeze_needsAnEndAboveTheStartAndAllVersions() throws IOException {
    fill();
    for (long end : new long[] {0, 9, 10, 30}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> open.freeze(lsn(end), 8, FreezeReason.POLICY));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open.freeze(lsn(31), 7, FreezeReason.POLICY));
    assertThat(frozen().lsnRange()).isEqualTo(lsns(10, 31));
  }

  @Test
  void layer_hasTheSameAnswersOpenFrozenAndAsAFile() throws Exception {
    fill();
    open.put(7, new Tombstone(new KeyRange(PageKey.MIN, OTHER), lsn(30)));
    check(open);
    assertThat(open.displayName()).isEqualTo("open-000000000000000A");
    InMemoryLayer frozen = frozen();
    check(frozen);
    assertThat(frozen.displayName()).isEqualTo("frozen-000000000000000A-000000000000001F");
    LocalLayerHome home = new LocalLayerHome(directory.resolve("home"));
    try (Claim claim = home.claim()) {
      assertThat(claim).isNotNull();
      ManifestLayer entry = write(frozen, home);
      try (DeltaLayer delta =
          new DeltaLayer(home, entry, new LayerCache(1 << 20, 1, bytes -> {}))) {
        delta.check();
        delta.acquire();
        check(delta);
        assertThat(delta.displayName()).endsWith("__0000000000000008.delta");
        delta.release();
      }
    }
  }

  private ManifestLayer write(InMemoryLayer frozen, LocalLayerHome home) throws IOException {
    try (MappedValues values = file.map()) {
      return frozen.writeTo(
          TestWrites.files(home), values, Compression.NONE, Lsn.INVALID, () -> false);
    }
  }

  private static void checkCursor(Layer layer) throws IOException {
    VersionCursor cursor = layer.cursor(KeyRange.ALL, 0, new CostCounter());
    assertThat(cursor.ceiling(PageKey.MIN)).isEqualTo(OTHER);
    assertThat(cursor.ceiling(OTHER.next())).isEqualTo(KEY);
    List<Lsn> lsns = new ArrayList<>();
    cursor.descend(KEY, lsn(29), lsn(10), (key, lsn, value) -> lsns.add(lsn));
    assertThat(lsns).containsExactly(lsn(20));
    assertThat(cursor.ceiling(KEY.next())).isNull();
    KeyRange beforeKey = new KeyRange(OTHER.next(), KEY);
    assertThat(layer.cursor(beforeKey, 0, new CostCounter()).ceiling(OTHER.next())).isNull();
  }

  private static void check(Layer layer) throws IOException {
    assertThat(layer.keyRange()).isEqualTo(new KeyRange(PageKey.MIN, KEY.next()));
    assertThat(layer.lsnRange()).isEqualTo(lsns(10, 31));
    assertThat(layer.startOffset()).isEqualTo(5);
    assertThat(layer.endOffset()).isEqualTo(8);
    assertThat(layer.versions()).isEqualTo(4);
    assertThat(layer.tombstones()).isEqualTo(1);
    assertThat(layer.contains(KEY, lsn(20))).isTrue();
    assertThat(layer.contains(KEY, lsn(21))).isFalse();
    assertThat(layer.covers(KEY)).isTrue();
    assertThat(layer.covers(PageKey.MIN)).isTrue();
    assertThat(layer.covers(KEY.next())).isFalse();
    assertThat(read(layer, KEY, 30).records()).hasSize(2);
    assertThat(read(layer, PageKey.MIN, 30).isDropped()).isTrue();
    assertThat(read(layer, PageKey.MIN, 29).isDropped()).isFalse();
    checkCursor(layer);
    List<String> lines = new ArrayList<>();
    LayerDump.dump(layer, ValueDescriber.LENGTH, lines::add);
    assertThat(lines.subList(1, lines.size()))
        .containsExactly(
            "tombstone " + new KeyRange(PageKey.MIN, OTHER).describe() + " 0/1E",
            OTHER.describe() + " 0/A wal record, 1 bytes",
            KEY.describe() + " 0/A image, 100 bytes",
            KEY.describe() + " 0/14 wal record, 1 bytes",
            KEY.describe() + " 0/1E wal record, 1 bytes");
  }

  @Test
  void writeTo_thatIsCancelled_leavesNoFile() throws IOException {
    fill();
    InMemoryLayer frozen = frozen();
    LocalLayerHome home = new LocalLayerHome(directory.resolve("home"));
    try (MappedValues values = file.map()) {
      assertThatThrownBy(
              () ->
                  frozen.writeTo(
                      TestWrites.files(home), values, Compression.NONE, Lsn.INVALID, () -> true))
          .isInstanceOf(InterruptedIOException.class);
    }
    assertThat(home.list()).isEmpty();
  }

  @Test
  void deltaLayer_thatIsClosed_staysOpenForItsReaders() throws Exception {
    fill();
    LocalLayerHome home = new LocalLayerHome(directory.resolve("home"));
    DeltaLayer delta =
        new DeltaLayer(home, write(frozen(), home), new LayerCache(1 << 20, 1, bytes -> {}));
    delta.acquire();

    delta.close();
    assertThat(delta.contains(KEY, lsn(20))).isTrue();
    delta.release();
    assertThatThrownBy(delta::acquire).isInstanceOf(LayerGoneException.class);
  }

  @Test
  void deltaLayer_thatHasLostWhatWasInMemory_readsItAgain() throws Exception {
    fill();
    LocalLayerHome home = new LocalLayerHome(directory.resolve("home"));
    ManifestLayer entry = write(frozen(), home);
    try (DeltaLayer delta = new DeltaLayer(home, entry, new LayerCache(1 << 20, 1, bytes -> {}))) {
      delta.acquire();
      VersionCursor before = delta.cursor(KeyRange.ALL, 0, new CostCounter());
      for (int round = 0; round < 3; round++) {
        delta.forget();
        CostCounter cost = new CostCounter();
        delta.descend(KEY, lsn(30), Lsn.INVALID, (key, lsn, value) -> false, cost);
        delta.descend(KEY, lsn(30), Lsn.INVALID, (key, lsn, value) -> false, cost);
        assertThat(cost.cost().fileReads()).isEqualTo(3); // of the index and twice of a block
      }
      assertThat(before.ceiling(PageKey.MIN)).isEqualTo(OTHER);
      delta.release();
    }
  }

  @Test
  void writeTo_twice_givesTheSameBytes() throws Exception {
    fill();
    InMemoryLayer frozen = frozen();
    LocalLayerHome home = new LocalLayerHome(directory.resolve("home"));
    ManifestLayer first = write(frozen, home);
    assertThat(write(frozen, home)).isEqualTo(first);
    try (DeltaLayerReader reader = DeltaLayerReader.open(home.open(first.path()))) {
      reader.verify();
    }
  }
}
