package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RedoTester.WILL_INIT;
import static io.walstrata.postgres.rmgr.RedoTester.built;
import static io.walstrata.postgres.rmgr.RedoTester.redo;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.BrinPage;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.Pages;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BrinRedoTest {
  private static final int BRIN = 17;

  private final Page page = new Page(new byte[Page.BYTES]);

  private static RecordMaker record(int type) {
    return RecordMaker.record(BRIN, type);
  }

  private static byte[] tuple(int letter) {
    return Pages.item(letter, 24);
  }

  private void regular(byte[]... tuples) {
    BrinPage.init(page, BrinPage.REGULAR);
    for (byte[] tuple : tuples) {
      Pages.add(page, tuple);
    }
  }

  @Test
  void createIndex_buildsTheMetaPage() {
    Page meta =
        built(
            record(BrinManager.CREATE_INDEX)
                .block(0, 0, 0, WILL_INIT, new byte[0])
                .main(bytes(u32(128), u16(1))),
            0);
    assertThat(meta.lower()).isEqualTo(40);
    assertThat(meta.u32(24)).isEqualTo(0xA8109CFAL);
    assertThat(meta.u32(28)).isEqualTo(1);
    assertThat(meta.u32(32)).isEqualTo(128);
    assertThat(meta.u32(36)).isEqualTo(0);
    assertThat(meta.u16(8190)).isEqualTo(0xF091);
  }

  private static RecordMaker insert(int type, int number) {
    // Heap block 2730 of ranges of two pages: the sixth place of the second page of the map.
    return record(type)
        .block(0, 0, 0x20007, 0, tuple('t'))
        .block(1, 0, 2, 0, new byte[0])
        .main(bytes(u32(2730), u32(2), u16(number)));
  }

  @Test
  void insert_usesAnUnusedLinePointer() {
    regular(tuple('a'), tuple('b'), tuple('c'));
    page.deleteIndexItemKeepingLine(2);
    redo(insert(BrinManager.INSERT, 2), 0x20007, page);
    assertThat(Pages.items(page)).containsExactly(tuple('a'), tuple('t'), tuple('c'));
  }

  @Test
  void insert_refusesALinePointerInUse() {
    regular(tuple('a'), tuple('b'));
    assertThatThrownBy(() -> redo(insert(BrinManager.INSERT, 2), 0x20007, page))
        .isInstanceOf(PageException.class);
  }

  @Test
  void insert_withInit_buildsThePage() {
    Page regular = built(insert(BrinManager.INSERT | BrinManager.INIT, 1), 0x20007);
    assertThat(Pages.items(regular)).containsExactly(tuple('t'));
    assertThat(regular.u16(8190)).isEqualTo(0xF093);
  }

  @Test
  void insert_notesThePlaceInTheRangeMap() {
    BrinPage.init(page, BrinPage.REVMAP);
    redo(insert(BrinManager.INSERT, 9), 2, page);
    int at = 24 + 6 * (1365 % 1360);
    assertThat(page.u16(at)).isEqualTo(2);
    assertThat(page.u16(at + 2)).isEqualTo(7);
    assertThat(page.u16(at + 4)).isEqualTo(9);
  }

  private static RecordMaker update() {
    return record(BrinManager.UPDATE)
        .block(0, 0, 7, 0, tuple('t'))
        .block(1, 0, 1, 0, new byte[0])
        .block(2, 0, 6, 0, new byte[0])
        .main(bytes(u16(2), u16(0), u32(0), u32(1), u16(3)));
  }

  @Test
  void update_movesTheTupleToAnotherPage() {
    regular(tuple('a'), tuple('b'));
    redo(update(), 7, page);
    assertThat(Pages.items(page)).containsExactly(tuple('a'), tuple('b'), tuple('t'));

    regular(tuple('a'), tuple('b'), tuple('c'));
    redo(update(), 6, page);
    assertThat(Pages.items(page)).containsExactly(tuple('a'), new byte[0], tuple('c'));

    BrinPage.init(page, BrinPage.REVMAP);
    redo(update(), 1, page);
    assertThat(page.u32(24)).isEqualTo(7 << 16);
    assertThat(page.u16(28)).isEqualTo(3);
  }

  @Test
  void samePageUpdate_replacesTheTuple() {
    regular(tuple('a'), tuple('b'), tuple('c'));
    byte[] longer = Pages.item('x', 80);
    redo(record(BrinManager.SAMEPAGE_UPDATE).block(0, 0, 7, 0, longer).main(u16(2)), 7, page);
    assertThat(Pages.items(page)).containsExactly(tuple('a'), longer, tuple('c'));
  }

  @Test
  void revmapExtend_addsAPageToTheMap() {
    RecordMaker extend =
        record(BrinManager.REVMAP_EXTEND)
            .block(0, 0, 0, 0, new byte[0])
            .block(1, 0, 5, WILL_INIT, new byte[0])
            .main(u32(5));
    BrinPage.initMeta(page, 128, 1);
    page.setLower(24);
    redo(extend, 0, page);
    assertThat(page.u32(36)).isEqualTo(5);
    assertThat(page.lower()).isEqualTo(40);

    assertThat(built(extend, 5).u16(8190)).isEqualTo(0xF092);
  }

  @Test
  void desummarize_removesTupleAndPlace() {
    RecordMaker desummarize =
        record(BrinManager.DESUMMARIZE)
            .block(0, 0, 1, 0, new byte[0])
            .block(1, 0, 7, 0, new byte[0])
            .main(bytes(u32(2), u32(4), u16(2)));
    BrinPage.init(page, BrinPage.REVMAP);
    page.fill(24, 60, 1);
    redo(desummarize, 1, page);
    assertThat(page.u32(36)).isEqualTo(0xFFFFFFFFL);
    assertThat(page.u16(40)).isEqualTo(0);
    assertThat(page.u8(35)).isEqualTo(1);
    assertThat(page.u8(42)).isEqualTo(1);

    regular(tuple('a'), tuple('b'));
    redo(desummarize, 7, page);
    assertThat(Pages.items(page)).containsExactly(tuple('a'));
  }

  @Test
  void ranges_withoutPages_areRefused() {
    BrinPage.init(page, BrinPage.REVMAP);
    RecordMaker insert =
        record(BrinManager.INSERT)
            .block(0, 0, 7, 0, tuple('t'))
            .block(1, 0, 1, 0, new byte[0])
            .main(bytes(u32(0), u32(0), u16(1)));
    assertThatThrownBy(() -> redo(insert, 1, page)).isInstanceOf(PageException.class);
  }

  @Test
  void pages_ofAnotherType_areRefused() {
    BrinPage.init(page, BrinPage.REVMAP);
    assertThatThrownBy(() -> redo(insert(BrinManager.INSERT, 1), 0x20007, page))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("type=61586");
  }

  @Test
  void randomRecords_areRefusedOrLeaveAPage() {
    Random random = Seeds.random();
    regular(tuple('a'), tuple('b'), tuple('c'));
    RedoTester.fuzz(random, page, 10_000, BrinRedoTest::randomRecord);
    BrinPage.init(page, BrinPage.REVMAP);
    RedoTester.fuzz(random, page, 5_000, BrinRedoTest::randomRecord);
  }

  private static RecordMaker randomRecord(Random random) {
    RecordMaker record = RecordMaker.record(BRIN, 16 * random.nextInt(16));
    for (int id = 0; id < 3; id++) {
      record.block(id, 0, random.nextInt(4), 0, RedoTester.data(random, 60));
    }
    return record.main(RedoTester.data(random, 20));
  }
}
