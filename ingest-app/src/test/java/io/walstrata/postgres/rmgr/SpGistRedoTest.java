package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RecordOnPage.WILL_INIT;
import static io.walstrata.postgres.rmgr.RecordOnPage.item;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.SpGistPage;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Rmgr;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SpGistRedoTest {
  private static final byte[] STATE = bytes(u32(321), u32(0));
  private static final byte[] BUILD_STATE = bytes(u32(0), u32(1));
  private static final byte[] PLACEHOLDER =
      bytes(u32(16 << 2 | 3), u16(0), u32(0xFFFFFFFFL), u16(0), u32(0));

  private final SpGistRedo redo = new SpGistRedo();
  private final Page page = RecordOnPage.zeros();

  private static RecordMaker record(int type) {
    return RecordMaker.record(Rmgr.SPGIST.id(), type);
  }

  private static byte[] leaf(int length, int fill) {
    byte[] tuple = new byte[length];
    Arrays.fill(tuple, (byte) fill);
    System.arraycopy(bytes(u32(length << 2), u16(0)), 0, tuple, 0, 6);
    return tuple;
  }

  private static byte[] dead() {
    return bytes(u32(16 << 2 | 2), u16(0), u32(0xFFFFFFFFL), u16(0), u32(0));
  }

  private static byte[] redirect(int block, int offset, long xid) {
    return bytes(u32(16 << 2 | 1), u16(0), u16(0), u16(block), u16(offset), u32(xid));
  }

  /** Returns an inner tuple with a prefix of 8 bytes and nodes that lead nowhere. */
  private static byte[] inner(int nodes) {
    byte[] tuple = new byte[16 + 16 * nodes];
    System.arraycopy(bytes(u16(nodes << 3), u16(8), u16(tuple.length)), 0, tuple, 0, 6);
    for (int i = 0; i < nodes; i++) {
      System.arraycopy(bytes(u32(0xFFFFFFFFL), u16(0), u16(16)), 0, tuple, 16 + 16 * i, 8);
    }
    return tuple;
  }

  private static byte[] withLink(byte[] inner, int node, int block, int offset) {
    byte[] linked = inner.clone();
    byte[] pointer = bytes(u16(0), u16(block), u16(offset));
    System.arraycopy(pointer, 0, linked, 16 + 16 * node, 6);
    return linked;
  }

  private void fill(int flags, byte[]... tuples) {
    SpGistPage.init(page, flags);
    for (byte[] tuple : tuples) {
      int at = page.insertItem(page.maxOffset() + 1, tuple.length);
      System.arraycopy(tuple, 0, page.bytes(), at, tuple.length);
      SpGistPage.addPlaceholders(page, Arrays.equals(tuple, PLACEHOLDER) ? 1 : 0);
      SpGistPage.addRedirections(page, (tuple[0] & 3) == SpGistPage.REDIRECT ? 1 : 0);
    }
  }

  private static byte[] next(byte[] leaf, int next) {
    byte[] chained = leaf.clone();
    chained[4] = (byte) next;
    return chained;
  }

  @Test
  void addLeaf_takesAPlaceholdersPlaceAndJoinsTheChain() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), PLACEHOLDER, leaf(32, 3));
    RecordMaker record =
        record(SpGistManager.ADD_LEAF)
            .block(0, 0, 7, 0, new byte[0])
            .main(bytes(u16(0), u16(2), u16(1), u16(0), u16(0), leaf(40, 9)));

    RecordOnPage.redo(redo, record, 7, page);

    assertThat(item(page, 1)).isEqualTo(next(leaf(24, 1), 2));
    assertThat(item(page, 2)).isEqualTo(leaf(40, 9));
    assertThat(item(page, 3)).isEqualTo(leaf(32, 3));
    assertThat(SpGistPage.nPlaceholder(page)).isZero();
  }

  @Test
  void addLeaf_inPlaceOfADeadTupleAndOnANewPage() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), dead());
    RecordMaker replace = record(SpGistManager.ADD_LEAF).block(0, 0, 7, 0, new byte[0]);
    replace.main(bytes(u16(0), u16(2), u16(2), u16(0), u16(0), leaf(40, 9)));
    RecordOnPage.redo(redo, replace, 7, page);
    assertThat(item(page, 2)).isEqualTo(leaf(40, 9));

    RecordMaker first = record(SpGistManager.ADD_LEAF).block(0, 0, 7, WILL_INIT, new byte[0]);
    first.main(bytes(new byte[] {1, 1}, u16(1), u16(0), u16(0), u16(0), leaf(40, 9)));
    RecordOnPage.redo(redo, first, 7, page);
    assertThat(page.maxOffset()).isEqualTo(1);
    assertThat(page.u16(8184)).isEqualTo(SpGistPage.SPGIST_LEAF | SpGistPage.SPGIST_NULLS);
  }

  @Test
  void addLeaf_leadsTheParentsNodeToIt() {
    fill(0, inner(1), inner(3));
    RecordMaker record =
        record(SpGistManager.ADD_LEAF)
            .block(0, 0, 7, 0, new byte[0])
            .block(1, 0, 4, 0, new byte[0])
            .main(bytes(u16(0), u16(5), u16(0), u16(2), u16(1), leaf(40, 9)));

    RecordOnPage.redo(redo, record, 4, page);

    assertThat(item(page, 2)).isEqualTo(withLink(inner(3), 1, 7, 5));
  }

  @Test
  void addLeaf_ofANodeThatTheParentDoesNotHaveIsRefused() {
    fill(0, inner(3));
    for (int node : new int[] {3, 65535}) {
      RecordMaker record =
          record(SpGistManager.ADD_LEAF)
              .block(0, 0, 7, 0, new byte[0])
              .block(1, 0, 4, 0, new byte[0])
              .main(bytes(u16(0), u16(5), u16(0), u16(1), u16(node), leaf(40, 9)));
      assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 4, page))
          .isInstanceOf(PageException.class)
          .hasMessageContaining("without the node");
    }
  }

  @Test
  void addLeaf_inPlaceOfALiveTupleIsRefused() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1));
    RecordMaker record = record(SpGistManager.ADD_LEAF).block(0, 0, 7, 0, new byte[0]);
    record.main(bytes(u16(0), u16(1), u16(0), u16(0), u16(0), leaf(40, 9)));

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 7, page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("not a placeholder");
  }

  private static RecordMaker move(byte[] state) {
    return record(SpGistManager.MOVE_LEAFS)
        .block(0, 0, 7, 0, new byte[0])
        .block(1, 0, 8, 0, new byte[0])
        .block(2, 0, 4, 0, new byte[0])
        .main(
            bytes(
                bytes(u16(2), u16(0), u16(0), u16(1), u16(1), u16(0), state),
                bytes(u16(3), u16(1)),
                bytes(u16(2), u16(3), u16(4)),
                bytes(leaf(16, 1), leaf(24, 2), leaf(32, 3))));
  }

  @Test
  void moveLeafs_leavesARedirectionForTheFirstAndPlaceholdersForTheRest() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), leaf(32, 2), leaf(40, 3));

    RecordOnPage.redo(redo, move(STATE), 7, page);

    // The first in the record, not on the page.
    assertThat(item(page, 3)).isEqualTo(redirect(8, 4, 321));
    assertThat(item(page, 1)).isEqualTo(PLACEHOLDER);
    assertThat(item(page, 2)).isEqualTo(leaf(32, 2));
    assertThat(SpGistPage.nRedirection(page)).isEqualTo(1);
    assertThat(SpGistPage.nPlaceholder(page)).isEqualTo(1);

    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), leaf(32, 2), leaf(40, 3));
    RecordOnPage.redo(redo, move(BUILD_STATE), 7, page);
    assertThat(item(page, 3)).isEqualTo(PLACEHOLDER);
    assertThat(SpGistPage.nPlaceholder(page)).isEqualTo(2);
  }

  @Test
  void moveLeafs_addsToTheDestinationAndLinksTheHead() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), PLACEHOLDER);
    RecordOnPage.redo(redo, move(STATE), 8, page);
    assertThat(item(page, 2)).isEqualTo(leaf(16, 1));
    assertThat(item(page, 4)).isEqualTo(leaf(32, 3));

    fill(0, inner(3));
    RecordOnPage.redo(redo, move(STATE), 4, page);
    assertThat(item(page, 1)).isEqualTo(withLink(inner(3), 1, 8, 4));
  }

  @Test
  void addNode_inPlace() {
    fill(0, inner(2), inner(1));
    RecordMaker record =
        record(SpGistManager.ADD_NODE)
            .block(0, 0, 7, 0, new byte[0])
            .main(bytes(u16(1), u16(0), u16(0xFF00), u16(0), u16(0), u16(0), STATE, inner(3)));

    RecordOnPage.redo(redo, record, 7, page);

    assertThat(item(page, 1)).isEqualTo(inner(3));
    assertThat(item(page, 2)).isEqualTo(inner(1));
  }

  @Test
  void addNode_thatMovesTheTuple() {
    for (int parentBlock = 0; parentBlock <= 2; parentBlock++) {
      RecordMaker record =
          record(SpGistManager.ADD_NODE)
              .block(0, 0, 7, 0, new byte[0])
              .block(1, 0, 8, 0, new byte[0])
              .block(2, 0, 4, 0, new byte[0])
              .main(
                  bytes(
                      bytes(u16(2), u16(2), new byte[] {0, (byte) parentBlock}),
                      bytes(u16(1), u16(0), u16(0), STATE, inner(3))));
      byte[] linked = withLink(inner(2), 0, 8, 2);

      fill(0, inner(2), inner(2));
      RecordOnPage.redo(redo, record, 7, page);
      assertThat(item(page, 1)).isEqualTo(parentBlock == 0 ? linked : inner(2));
      assertThat(item(page, 2)).isEqualTo(redirect(8, 2, 321));
      assertThat(SpGistPage.nRedirection(page)).isEqualTo(1);

      fill(0, inner(2));
      RecordOnPage.redo(redo, record, 8, page);
      assertThat(item(page, 1)).isEqualTo(parentBlock == 1 ? linked : inner(2));
      assertThat(item(page, 2)).isEqualTo(inner(3));

      if (parentBlock == 2) {
        fill(0, inner(2));
        RecordOnPage.redo(redo, record, 4, page);
        assertThat(item(page, 1)).isEqualTo(linked);
      }
    }
  }

  @Test
  void splitTuple_onOnePageAndOnTwo() {
    fill(0, inner(4));
    RecordMaker same = record(SpGistManager.SPLIT_TUPLE).block(0, 0, 7, 0, new byte[0]);
    same.main(bytes(u16(1), u16(2), new byte[] {0, 1}, inner(1), inner(4)));
    RecordOnPage.redo(redo, same, 7, page);
    assertThat(item(page, 1)).isEqualTo(inner(1));
    assertThat(item(page, 2)).isEqualTo(inner(4));

    RecordMaker other =
        record(SpGistManager.SPLIT_TUPLE)
            .block(0, 0, 7, 0, new byte[0])
            .block(1, 0, 8, WILL_INIT, new byte[0])
            .main(bytes(u16(1), u16(1), new byte[] {1, 0}, inner(1), inner(4)));
    fill(0, inner(4));
    RecordOnPage.redo(redo, other, 7, page);
    assertThat(page.maxOffset()).isEqualTo(1);
    RecordOnPage.redo(redo, other, 8, page);
    assertThat(item(page, 1)).isEqualTo(inner(4));
  }

  @Test
  void pickSplit_distributesLeafTuplesUnderANewInnerTuple() {
    RecordMaker record =
        record(SpGistManager.PICKSPLIT)
            .block(0, 0, 7, 0, new byte[0])
            .block(1, 0, 8, WILL_INIT, new byte[0])
            .block(2, 0, 4, 0, new byte[0])
            .main(
                bytes(
                    bytes(u16(0), u16(2), u16(3), new byte[] {0, 1}, u16(2), new byte[] {0, 0}),
                    bytes(u16(1), u16(1), u16(1), u16(0), STATE),
                    bytes(u16(2), u16(1), u16(1), u16(4), u16(2), new byte[] {1, 0, 1}),
                    bytes(inner(2), leaf(16, 1), leaf(24, 2), leaf(32, 3))));

    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), leaf(32, 2), leaf(40, 3));
    RecordOnPage.redo(redo, record, 7, page);
    assertThat(item(page, 1)).isEqualTo(PLACEHOLDER);
    assertThat(item(page, 2)).isEqualTo(redirect(4, 2, 321));
    assertThat(item(page, 4)).isEqualTo(leaf(24, 2));

    RecordOnPage.redo(redo, record, 8, page);
    assertThat(page.maxOffset()).isEqualTo(2);
    assertThat(item(page, 2)).isEqualTo(leaf(32, 3));

    fill(0, inner(3));
    RecordOnPage.redo(redo, record, 4, page);
    assertThat(item(page, 1)).isEqualTo(withLink(inner(3), 1, 4, 2));
    assertThat(item(page, 2)).isEqualTo(inner(2));
  }

  @Test
  void vacuumLeaf_doesItsPartsInOrder() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), leaf(32, 2), leaf(40, 3), leaf(48, 4), leaf(56, 5));
    RecordMaker record =
        record(SpGistManager.VACUUM_LEAF)
            .block(0, 0, 7, 0, new byte[0])
            .main(
                bytes(
                    bytes(u16(1), u16(1), u16(1), u16(1), STATE),
                    bytes(u16(1), u16(2), u16(4), u16(2), u16(5), u16(2))));

    RecordOnPage.redo(redo, record, 7, page);

    assertThat(item(page, 1)).isEqualTo(dead());
    assertThat(item(page, 2)).isEqualTo(leaf(48, 4));
    assertThat(item(page, 4)).isEqualTo(PLACEHOLDER);
    assertThat(item(page, 5)).isEqualTo(next(leaf(56, 5), 2));
    assertThat(SpGistPage.nPlaceholder(page)).isEqualTo(2);
  }

  @Test
  void vacuumRoot_removesTuplesWithTheirOffsetNumbers() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1), leaf(32, 2), leaf(40, 3));
    RecordMaker record = record(SpGistManager.VACUUM_ROOT).block(0, 0, 1, 0, new byte[0]);
    record.main(bytes(u16(2), u16(0), STATE, u16(1), u16(3)));

    RecordOnPage.redo(redo, record, 1, page);

    assertThat(page.maxOffset()).isEqualTo(1);
    assertThat(item(page, 1)).isEqualTo(leaf(32, 2));
  }

  @Test
  void vacuumRedirect_hasItsOffsetNumbersElsewhereIn15() {
    for (PgVersion version : PgVersion.values()) {
      fill(SpGistPage.SPGIST_LEAF, redirect(8, 4, 321), leaf(24, 1), PLACEHOLDER, PLACEHOLDER);
      byte[] catalog = version == PgVersion.V15 ? new byte[0] : u16(0);
      RecordMaker record = record(SpGistManager.VACUUM_REDIRECT).block(0, 0, 7, 0, new byte[0]);
      record.main(bytes(u16(1), u16(3), u32(321), catalog, u16(1)));

      RecordOnPage.redo(redo, record, version, 7, page);

      assertThat(page.maxOffset()).isEqualTo(2);
      byte[] kept = PLACEHOLDER.clone();
      System.arraycopy(u32(321), 0, kept, 12, 4);
      assertThat(item(page, 1)).isEqualTo(kept);
      assertThat(SpGistPage.nRedirection(page)).isZero();
      assertThat(SpGistPage.nPlaceholder(page)).isEqualTo(1);
    }
  }

  @Test
  void vacuumRedirect_ofAnotherTupleIsRefused() {
    fill(SpGistPage.SPGIST_LEAF, leaf(24, 1));
    RecordMaker record = record(SpGistManager.VACUUM_REDIRECT).block(0, 0, 7, 0, new byte[0]);
    record.main(bytes(u16(1), u16(0), u32(321), u16(0), u16(1)));

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 7, page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("not a redirection");
  }
}
