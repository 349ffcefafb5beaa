package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.internal.layer.LayerCache;
import io.walstrata.layerstore.internal.read.HistoryRead;
import io.walstrata.layerstore.internal.read.KeysRead;
import io.walstrata.layerstore.internal.read.RangeRead;
import io.walstrata.layerstore.internal.read.Reads;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers that are released, and whose files are deleted, while a read is on its way: as whoever
 * puts others in their place will do. One file is open at a time, so that the next one is missed.
 */
class GoneLayersTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 0);
  private static final int KEYS = 120; // more than is read ahead
  private static final int LAYERS = 4;
  private static final Lsn LAST = Lsn.of(LAYERS);

  @TempDir Path directory;
  private final MemoryHome before = new MemoryHome();
  private final MemoryHome after = new MemoryHome();
  private Timelines current;
  private Timelines successor;
  private int returned; // pages or history items
  private int looks; // at the layers as they are

  @BeforeEach
  void writeTheSameTwice() throws Exception {
    write(before);
    write(after);
    current = load(before);
    successor = load(after);
  }

  private static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  /** Every layer has a version of every page, each in a block of its own. */
  private void write(MemoryHome home) throws IOException, InterruptedException {
    try (LayerStore store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      for (int lsn = 1; lsn <= LAYERS; lsn++) {
        for (int number = 0; number < KEYS; number++) {
          byte[] bytes = new byte[20_000];
          bytes[0] = (byte) lsn;
          Value value = lsn == 1 ? Value.image(bytes) : Value.walRecord(bytes, false);
          writer.put(lsn, TIMELINE, key(number), Lsn.of(lsn), value);
        }
        writer.freeze(lsn);
        writer.awaitFlushed();
      }
    }
  }

  private static Timelines load(MemoryHome home) throws IOException {
    return Timelines.load(
        home,
        ManifestFormat.decode("manifest", home.readManifest()),
        new LayerCache(1 << 20, 1, bytes -> {}),
        /* areChecked= */ false);
  }

  private TimelineState state() {
    looks++;
    return current.get(TIMELINE);
  }

  /** Puts the successor in the place of the layers that are being read. */
  private boolean replaceInTheMiddle() {
    Timelines replaced = current;
    if (++returned == 7 && replaced != successor) {
      current = successor;
      replaced.close();
      for (LayerPath path : before.list()) {
        before.delete(path);
      }
    }
    return true;
  }

  private void check(List<ReconstructData> pages) {
    assertThat(pages).hasSize(KEYS);
    for (int number = 0; number < KEYS; number++) {
      assertThat(pages.get(number).key()).isEqualTo(key(number));
      assertThat(pages.get(number).status()).isEqualTo(ReconstructData.Status.COMPLETE);
      assertThat(pages.get(number).records()).hasSize(LAYERS - 1);
    }
    assertThat(looks).isEqualTo(2);
  }

  @Test
  void scan_continuesWithTheSuccessors_afterTheLastPage() throws IOException {
    List<ReconstructData> pages = new ArrayList<>();
    new RangeRead(
            this::state,
            KeyRange.ALL,
            LAST,
            DroppedPages.SKIP,
            Long.MAX_VALUE,
            page -> pages.add(page) && replaceInTheMiddle())
        .run();
    check(pages);
  }

  @Test
  void getAll_continuesWithTheSuccessors_afterTheLastPage() throws IOException {
    List<PageKey> keys = new ArrayList<>();
    for (int number = 0; number < KEYS; number++) {
      keys.add(key(number));
    }
    List<ReconstructData> pages = new ArrayList<>();
    new KeysRead(this::state, keys, LAST, page -> pages.add(page) && replaceInTheMiddle()).run();
    check(pages);
  }

  @Test
  void history_continuesWithTheSuccessors_belowTheLastEntry() throws IOException {
    returned = 6; // there are fewer entries than pages
    List<Lsn> lsns = new ArrayList<>();
    new HistoryRead(
            this::state,
            key(3),
            new LsnRange(Lsn.INVALID, Lsn.MAX),
            Long.MAX_VALUE,
            entry -> lsns.add(entry.lsn()) && replaceInTheMiddle())
        .run();
    assertThat(lsns).containsExactly(Lsn.of(4), Lsn.of(3), Lsn.of(2), Lsn.of(1));
    assertThat(looks).isEqualTo(2);
  }

  @Test
  void get_beginsAgain() throws IOException {
    TakenBytes taken = new TakenBytes(Long.MAX_VALUE);
    ReconstructData page =
        Reads.get(
            () -> {
              TimelineState seen = state();
              returned = 6;
              replaceInTheMiddle();
              return seen;
            },
            key(3),
            LAST,
            taken);
    assertThat(page.records()).hasSize(LAYERS - 1);
    assertThat(looks).isEqualTo(2);
    assertThat(taken.bytes()).as("each version once").isEqualTo(TakenBytes.of(page));
  }

  @Test
  void file_thatIsMissingWhileItsLayerIsThere_isAnError() {
    for (LayerPath path : before.list()) {
      before.delete(path);
    }
    assertThatThrownBy(() -> Reads.get(this::state, key(3), LAST, ReadLimit.NONE))
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining("missing");
  }
}
