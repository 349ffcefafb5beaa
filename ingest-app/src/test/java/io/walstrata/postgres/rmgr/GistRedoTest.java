package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RecordOnPage.WILL_INIT;
import static io.walstrata.postgres.rmgr.RecordOnPage.item;
import static io.walstrata.postgres.rmgr.RecordOnPage.tuple;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static io.walstrata.postgres.wal.RecordMaker.u64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.GistPage;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Redone;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class GistRedoTest {
  private static final long END = RecordOnPage.END.value();

  private final GistRedo redo = new GistRedo();
  private final Page page = RecordOnPage.zeros();

  private static RecordMaker record(int type) {
    return RecordMaker.record(Rmgr.GIST.id(), type);
  }

  /** Makes a leaf with tuples of 16, 24, 32 ... bytes. */
  private void leaf(int tuples) {
    GistPage.init(page, GistPage.F_LEAF);
    for (int i = 1; i <= tuples; i++) {
      byte[] tuple = tuple(8 + 8 * i, i);
      System.arraycopy(tuple, 0, page.bytes(), page.insertItem(i, tuple.length), tuple.length);
    }
  }

  private static RecordMaker split(boolean isLeaf, boolean followRight, long... blocks) {
    RecordMaker record = record(GistManager.PAGE_SPLIT);
    record.block(0, 0, 3, 0, new byte[0]);
    for (int i = 0; i < blocks.length; i++) {
      byte[] tuples = bytes(u32(2), tuple(16, 1), tuple(24, 2 + i));
      record.block(1 + i, 0, blocks[i], WILL_INIT, tuples);
    }
    byte[] head = bytes(u32(77), u32(0), u64(0x55_0000_0066L), u16(isLeaf ? 1 : 0));
    return record.main(bytes(head, u16(blocks.length), u16(followRight ? 1 : 0), u16(0)));
  }

  @Test
  void split_linksItsPagesAndKeepsTheirSequenceNumber() {
    RecordMaker record = split(true, true, 5, 8, 9);

    RecordOnPage.redo(redo, record, 5, page);

    assertThat(GistPage.rightlink(page)).isEqualTo(8);
    assertThat(GistPage.nsn(page)).isEqualTo(0x55_0000_0066L);
    assertThat(GistPage.hasFlag(page, GistPage.F_LEAF)).isTrue();
    assertThat(GistPage.hasFlag(page, GistPage.F_FOLLOW_RIGHT)).isTrue();
    assertThat(item(page, 2)).isEqualTo(tuple(24, 2));

    RecordOnPage.redo(redo, record, 9, page);

    assertThat(GistPage.rightlink(page)).isEqualTo(77);
    assertThat(GistPage.hasFlag(page, GistPage.F_FOLLOW_RIGHT)).isFalse();
    assertThat(item(page, 2)).isEqualTo(tuple(24, 4));
  }

  @Test
  void split_ofTheRootHasNoPageToFollow() {
    RecordMaker record = split(true, true, 0, 8, 9);

    RecordOnPage.redo(redo, record, 0, page);
    assertThat(GistPage.rightlink(page)).isEqualTo(GistPage.INVALID_BLOCK);
    assertThat(GistPage.hasFlag(page, GistPage.F_LEAF)).isFalse();

    RecordOnPage.redo(redo, record, 8, page);
    assertThat(GistPage.rightlink(page)).isEqualTo(9);
    assertThat(GistPage.hasFlag(page, GistPage.F_LEAF)).isTrue();
    assertThat(GistPage.hasFlag(page, GistPage.F_FOLLOW_RIGHT)).isFalse();
  }

  @Test
  void leftChild_getsTheEndOfTheRecordThatCompletesItsSplit() {
    RecordMaker update =
        record(GistManager.PAGE_UPDATE)
            .block(0, 0, 4, 0, tuple(16, 9))
            .block(1, 0, 3, 0, new byte[0])
            .main(bytes(u16(0), u16(1)));

    for (RecordMaker record : new RecordMaker[] {update, split(true, true, 5, 8)}) {
      leaf(3);
      GistPage.setFlag(page, GistPage.F_FOLLOW_RIGHT);
      RecordOnPage.redo(redo, record, 3, page);

      assertThat(GistPage.nsn(page)).isEqualTo(END);
      assertThat(GistPage.hasFlag(page, GistPage.F_FOLLOW_RIGHT)).isFalse();
    }
  }

  @Test
  void leftChild_isCompletedAfterItsImageToo() {
    RecordMaker update =
        record(GistManager.PAGE_UPDATE)
            .block(0, 0, 4, 0, tuple(16, 9))
            .block(1, 0, 3, 0, new byte[0])
            .main(bytes(u16(0), u16(1)));
    leaf(3);
    GistPage.setFlag(page, GistPage.F_FOLLOW_RIGHT);

    redo.afterImage(RecordOnPage.view(update, PgVersion.V18, 4), page);
    assertThat(GistPage.hasFlag(page, GistPage.F_FOLLOW_RIGHT)).isTrue();

    redo.afterImage(RecordOnPage.view(update, PgVersion.V18, 3), page);
    assertThat(GistPage.hasFlag(page, GistPage.F_FOLLOW_RIGHT)).isFalse();
    assertThat(GistPage.nsn(page)).isEqualTo(END);
  }

  @Test
  void leftChild_isCompletedWhenItsImageIsReplayed() throws IOException {
    leaf(3);
    GistPage.setFlag(page, GistPage.F_FOLLOW_RIGHT);
    WalRecord update =
        record(GistManager.PAGE_UPDATE)
            .block(0, 0, 4, 0, tuple(16, 9))
            .image(1, 3, page.bytes(), RecordMaker.IMAGE_APPLY, 0, 0)
            .main(bytes(u16(0), u16(1)))
            .parse();

    Page made = new Page(Redone.page(update, update.block(1)));

    assertThat(GistPage.nsn(made)).isEqualTo(update.endLsn().value());
    assertThat(made.lsn()).isEqualTo(update.endLsn().value());
    assertThat(GistPage.hasFlag(made, GistPage.F_FOLLOW_RIGHT)).isFalse();
    assertThat(item(made, 3)).isEqualTo(tuple(32, 3));
  }

  @Test
  void update_ofOneTupleByOneKeepsItsPlace() {
    leaf(3);
    int first = page.itemOffset(1);
    RecordMaker record =
        record(GistManager.PAGE_UPDATE)
            .block(0, 0, 4, 0, bytes(u16(2), tuple(40, 9)))
            .main(bytes(u16(1), u16(1)));

    RecordOnPage.redo(redo, record, 4, page);

    assertThat(item(page, 2)).isEqualTo(tuple(40, 9));
    assertThat(page.itemOffset(2) + 40).isEqualTo(first);
    assertThat(item(page, 3)).isEqualTo(tuple(32, 3));
    assertThat(GistPage.hasFlag(page, GistPage.F_TUPLES_DELETED)).isFalse();
  }

  @Test
  void update_deletesThenAdds() {
    leaf(5);
    RecordMaker record =
        record(GistManager.PAGE_UPDATE)
            .block(0, 0, 4, 0, bytes(u16(1), u16(4), tuple(16, 8), tuple(24, 9)))
            .main(bytes(u16(2), u16(2)));

    RecordOnPage.redo(redo, record, 4, page);

    assertThat(page.maxOffset()).isEqualTo(5);
    assertThat(item(page, 1)).isEqualTo(tuple(24, 2));
    assertThat(item(page, 5)).isEqualTo(tuple(24, 9));
    assertThat(GistPage.hasFlag(page, GistPage.F_TUPLES_DELETED)).isTrue();
  }

  @Test
  void delete_hasItsOffsetNumbersElsewhereIn15() {
    byte[] head = bytes(u32(700), u16(1));
    RecordMaker old = record(GistManager.DELETE).block(0, 0, 4, 0, new byte[0]);
    old.main(bytes(head, u16(2)));
    leaf(3);
    GistPage.setFlag(page, GistPage.F_HAS_GARBAGE);
    RecordOnPage.redo(redo, old, PgVersion.V15, 4, page);
    assertThat(item(page, 2)).isEqualTo(tuple(32, 3));
    assertThat(GistPage.hasFlag(page, GistPage.F_HAS_GARBAGE)).isFalse();

    RecordMaker since16 = record(GistManager.DELETE).block(0, 0, 4, 0, new byte[0]);
    since16.main(bytes(head, u16(0), u16(2)));
    for (PgVersion version : new PgVersion[] {PgVersion.V16, PgVersion.V17, PgVersion.V18}) {
      leaf(3);
      RecordOnPage.redo(redo, since16, version, 4, page);
      assertThat(item(page, 2)).isEqualTo(tuple(32, 3));
    }
  }

  @Test
  void pageDelete_keepsTheTransactionAndRemovesTheDownlink() {
    RecordMaker record =
        record(GistManager.PAGE_DELETE)
            .block(0, 0, 4, 0, new byte[0])
            .block(1, 0, 2, 0, new byte[0])
            .main(bytes(u64(0x7_0000_0009L), u16(2)));
    leaf(0);
    RecordOnPage.redo(redo, record, 4, page);
    assertThat(GistPage.hasFlag(page, GistPage.F_DELETED)).isTrue();
    assertThat(page.lower()).isEqualTo(32);
    assertThat(page.u32(24)).isEqualTo(9);
    assertThat(page.u32(28)).isEqualTo(7);

    leaf(3);
    RecordOnPage.redo(redo, record, 2, page);
    assertThat(page.maxOffset()).isEqualTo(2);
    assertThat(item(page, 2)).isEqualTo(tuple(32, 3));
  }

  @Test
  void pageDelete_ofAPageWithItemsIsRefused() {
    RecordMaker record =
        record(GistManager.PAGE_DELETE)
            .block(0, 0, 4, 0, new byte[0])
            .main(bytes(u64(700), u16(2)));
    leaf(1);

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 4, page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("has items");
  }

  @Test
  void record_withAnotherNumberOfTuplesIsRefused() {
    RecordMaker record =
        record(GistManager.PAGE_UPDATE)
            .block(0, 0, 4, 0, bytes(tuple(16, 1), tuple(16, 2)))
            .main(bytes(u16(0), u16(3)));
    leaf(1);

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 4, page))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("expected=3");
  }

  @Test
  void pageOfAnotherIndexType_isRefused() {
    RecordMaker record =
        record(GistManager.PAGE_UPDATE).block(0, 0, 4, 0, tuple(16, 1)).main(bytes(u16(0), u16(1)));
    page.init(16);

    assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 4, page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("not a page of a GiST index");
  }

  @Test
  void recordsThatChangeNoPage_areRefused() {
    for (int type : new int[] {0x20, 0x40, 0x50, 0x70}) {
      RecordMaker record = record(type).block(0, 0, 4, 0, new byte[0]).main(new byte[32]);
      leaf(1);
      assertThatThrownBy(() -> RecordOnPage.redo(redo, record, 4, page))
          .isInstanceOf(RedoException.class);
    }
  }
}
