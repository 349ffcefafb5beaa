package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.HeapRecords.NONE;
import static io.walstrata.postgres.rmgr.HeapRecords.emptyPage;
import static io.walstrata.postgres.rmgr.HeapRecords.heap;
import static io.walstrata.postgres.rmgr.HeapRecords.heap2;
import static io.walstrata.postgres.rmgr.HeapRecords.key;
import static io.walstrata.postgres.rmgr.HeapRecords.redo;
import static io.walstrata.postgres.rmgr.HeapRecords.update;
import static io.walstrata.postgres.rmgr.HeapRecords.xmax;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.VisibilityMap;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.WalException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VisibilityMapRedoTest {
  private static final int VM = 2;

  /** On the second page of the map. */
  private static final long FAR = 32672;

  private final Page map = emptyPage();

  private LsnStamp onMap(RecordMaker record, long mapBlock) {
    return redo(record, PgVersion.V18, key(VM, mapBlock), map);
  }

  private static RecordMaker visible(long heapBlock, int flags) {
    return heap2(0x40)
        .block(0, VM, heapBlock / FAR, 0, NONE)
        .block(1, 0, heapBlock, 0, NONE)
        .main(bytes(u32(0), new byte[] {(byte) flags}));
  }

  /** A record that clears bits of heap block 5, and names the map's page or not. */
  private static RecordMaker clearing(RecordMaker record, boolean isNamed, byte[] main) {
    record.block(0, 0, 5, 0, NONE);
    return (isNamed ? record.block(1, VM, 0, 0, NONE) : record).main(main);
  }

  @Test
  void visible_setsBitsAndStampsIfTheyAreOthers() {
    assertThat(onMap(visible(5, 1), 0)).isEqualTo(LsnStamp.SET);
    assertThat(VisibilityMap.bits(map, 5)).isEqualTo(1);
    assertThat(onMap(visible(5, 5), 0)).isEqualTo(LsnStamp.KEEP);
    // Before 16 all frozen was set alone.
    assertThat(onMap(visible(5, 2), 0)).isEqualTo(LsnStamp.SET);
    assertThat(VisibilityMap.bits(map, 5)).isEqualTo(3);
    assertThat(onMap(visible(5, 3), 0)).isEqualTo(LsnStamp.KEEP);
    assertThat(onMap(visible(5, 2), 0)).isEqualTo(LsnStamp.SET);
  }

  @Test
  void visible_onAMapPageOfZeros_initialisesIt() {
    map.clear();

    assertThat(onMap(visible(FAR + 1, 3), 1)).isEqualTo(LsnStamp.SET);

    assertThat(map.u8(24)).isEqualTo(0x0C);
    assertThat(map.upper()).isEqualTo(Page.BYTES);
  }

  @Test
  void visible_setsTheFlagOfTheHeapPage() {
    Page heap = emptyPage();

    assertThat(redo(visible(5, 3), 5, heap)).isEqualTo(LsnStamp.SET_IF_HINTS_ARE_LOGGED);

    assertThat(heap.hasFlag(Page.ALL_VISIBLE)).isTrue();
  }

  @Test
  void visible_withUnknownFlags_isRefused() {
    assertThatThrownBy(() -> onMap(visible(5, 8), 0)).isInstanceOf(WalException.class);
    assertThatThrownBy(() -> redo(visible(5, 4), PgVersion.V15, key(VM, 0), map))
        .isInstanceOf(WalException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 0x00, 0, false",
    "10, 0x00, 0, true",
    "10, 0x80, 0, false",
    "10, 0x10, 0, false",
    "10, 0x10, 0, true",
    "10, 0x60, 1, false",
    "10, 0x60, 1, true",
    "10, 0x40, 0, false",
    "10, 0x40, 0, true",
    "9, 0x50, 0, false",
    "9, 0x50, 0, true",
    "9, 0xD0, 0, true",
    "9, 0x60, 1, false",
    "9, 0x60, 1, true"
  })
  void clearing_leavesVisibleAfterALockAndStampsANamedPage(
      int rmgr, String type, int left, boolean isNamed) {
    VisibilityMap.set(map, 4, 3);
    VisibilityMap.set(map, 5, 3);

    LsnStamp stamp =
        onMap(clearing(record(rmgr, Integer.decode(type)), isNamed, flagged(rmgr, type, 1)), 0);

    assertThat(VisibilityMap.bits(map, 5)).isEqualTo(left);
    assertThat(VisibilityMap.bits(map, 4)).isEqualTo(3);
    assertThat(stamp).isEqualTo(isNamed ? LsnStamp.SET : LsnStamp.KEEP);
  }

  /** As the map of a database that was copied by the log: its image is without bits. */
  @ParameterizedTest
  @CsvSource({"10, 0x00", "10, 0x10", "10, 0x60", "10, 0x40", "9, 0x50", "9, 0x60"})
  void clearing_ofBitsThatAreNotSet_stampsNoPage(int rmgr, String type) {
    VisibilityMap.set(map, 4, 3);

    LsnStamp stamp =
        onMap(clearing(record(rmgr, Integer.decode(type)), true, flagged(rmgr, type, 1)), 0);

    assertThat(stamp).isEqualTo(LsnStamp.KEEP);
    assertThat(VisibilityMap.bits(map, 4)).isEqualTo(3);
  }

  private static RecordMaker record(int rmgr, int type) {
    return rmgr == HeapRecords.HEAP ? heap(type) : heap2(type);
  }

  private static byte[] flagged(int rmgr, String type, int flags) {
    byte flag = (byte) flags;
    return switch (Integer.decode(type) & 0x70) {
      case 0x00 -> bytes(u16(1), new byte[] {flag});
      case 0x50 -> bytes(new byte[] {flag, 0}, u16(0));
      case 0x40 -> update(0, flags, 2);
      default -> xmax(rmgr, 1, 0, flags);
    };
  }

  @Test
  void clearing_withoutTheFlag_isRefused() {
    assertThatThrownBy(() -> onMap(clearing(heap(0x10), false, xmax(1, 1, 0, 0)), 0))
        .isInstanceOf(RedoException.class);
  }

  private static RecordMaker twoPages(int flags) {
    return heap(0x20).block(0, 0, FAR, 0, NONE).block(1, 0, 5, 0, NONE).main(update(0, flags, 1));
  }

  @Test
  void update_clearsTheBitsOfThePageThatEachMapPageCovers() {
    VisibilityMap.set(map, 5, 3);
    onMap(twoPages(0x03), 0);
    assertThat(VisibilityMap.bits(map, 5)).isZero();

    VisibilityMap.set(map, FAR, 3);
    onMap(twoPages(0x03), 1);
    assertThat(VisibilityMap.bits(map, FAR)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x02})
  void update_thatLeavesTheBitsOfThisMapPage_isRefused(int flags) {
    assertThatThrownBy(() -> onMap(twoPages(flags), 0)).isInstanceOf(RedoException.class);
  }

  @Test
  void update_withinAPage_hasTheMapPageUnderAnotherNumber() {
    VisibilityMap.set(map, 5, 3);
    RecordMaker record =
        heap(0x40).block(0, 0, 5, 0, NONE).block(3, VM, 0, 0, NONE).main(update(0, 1, 2));

    assertThat(onMap(record, 0)).isEqualTo(LsnStamp.SET);
    assertThat(VisibilityMap.bits(map, 5)).isZero();
  }

  @Test
  void redo_ofAMapPageThatTheRecordDoesNotChange_isRefused() {
    assertThatThrownBy(() -> onMap(visible(FAR, 3), 0)).isInstanceOf(RedoException.class);
    assertThatThrownBy(() -> onMap(clearing(heap(0x50), false, u16(1)), 0))
        .isInstanceOf(RedoException.class);
    assertThatThrownBy(() -> onMap(clearing(heap(0x10), false, xmax(1, 1, 0, 1)), 1))
        .isInstanceOf(RedoException.class);
  }
}
