package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.layer.DamagedLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage is attributed to its layer whatever names a home gives its files in messages. */
class DamageReportsTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 0);
  private static final PageKey KEY = PageKey.of(0, 1663, 5, 16384, 0, 7);
  private static final Lsn LSN = Lsn.of(5);
  private static final ValueDescriber NOTHING = (key, lsn, value) -> "";

  @TempDir Path directory;

  private interface Read {
    void run(LayerStore store) throws Exception;
  }

  private static void check(Path directory, Read read) throws Exception {
    MemoryHome home = new MemoryHome(); // its files' names in messages are not below its location
    try (LayerStore store = LayerStore.open(home, directory, LayerStoreOptions.DEFAULTS)) {
      LayerWriter writer = store.claim();
      writer.put(0, TIMELINE, KEY, LSN, Value.image(new byte[100]));
      writer.freeze(0);
      writer.awaitFlushed();
      LayerPath path = home.list().get(0);
      home.files().get(path.toString())[120] ^= 1; // in the block
      ThrowingCallable call = () -> read.run(store);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(call)
            .isInstanceOfSatisfying(
                DamagedLayerException.class, e -> assertThat(e.layer().path()).isEqualTo(path))
            .hasMessageContaining("block checksum");
        assertThat(store.damages()).extracting(LayerDamage::layer).containsExactly(path);
      }
      assertThat(home.damaged()).containsExactly(path);
      assertThat(home.readDamage(path)).contains("block checksum");
    }
  }

  @Test
  void damage_thatAnyReadMeets_isReportedWithItsLayer() throws Exception {
    check(directory, store -> store.get(TIMELINE, KEY, LSN));
    check(directory, store -> store.getAll(TIMELINE, List.of(KEY), LSN, page -> true));
    check(
        directory,
        store -> store.scan(TIMELINE, KeyRange.ALL, LSN, DroppedPages.SHOW, 9, page -> true));
    LsnRange all = new LsnRange(Lsn.INVALID, Lsn.MAX);
    check(directory, store -> store.history(TIMELINE, KEY, all, 9, entry -> true));
    check(directory, store -> store.dump(TIMELINE, NOTHING, line -> {}));
  }

  @Test
  void damage_thatAPutMeets_isReportedWithItsLayer() throws Exception {
    Value other = Value.image(new byte[1]);
    check(
        directory,
        store -> store.claim().put(1, TIMELINE, KEY, LSN, other)); // is it there already?
  }
}
