package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.RedoTester.built;
import static io.walstrata.postgres.rmgr.RedoTester.redo;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static io.walstrata.postgres.wal.RecordMaker.u64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.postgres.page.HashMetaPage;
import io.walstrata.postgres.page.HashPage;
import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.page.Pages;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** In all records, block N of the record is block N of the index, unless stated. */
class HashRedoTest {
  private static final int HASH = 12;
  private static final int PREV = 8176;
  private static final int NEXT = 8180;

  private final Page page = new Page(new byte[Page.BYTES]);

  /** A record with these data for its blocks, in order. */
  private static RecordMaker record(int type, byte[] main, byte[]... data) {
    RecordMaker record = RecordMaker.record(HASH, type);
    for (int id = 0; id < data.length; id++) {
      record.block(id, 0, id, 0, data[id]);
    }
    return record.main(main);
  }

  private static byte[] tuple(int key) {
    return bytes(u32(0), u16(1), u16(16), u32(key), u32(0));
  }

  private void bucket(int... keys) {
    HashPage.init(page, 3, 1, HashPage.BUCKET | HashPage.HAS_DEAD_TUPLES);
    for (int key : keys) {
      Pages.add(page, tuple(key));
    }
  }

  private void meta() {
    HashMetaPage.init(page, 100, 450, 10);
    HashMetaPage.setTuples(page, 50);
  }

  private static byte[] none() {
    return new byte[0];
  }

  @Test
  void initMetaPage_buildsThePage() {
    Page meta =
        built(record(HashManager.INIT_META_PAGE, bytes(u64(0), u32(450), u16(307)), none()), 0);
    HashMetaPage.check(meta);
    assertThat(HashPage.flag(meta)).isEqualTo(HashPage.META);
    assertThat(meta.u16(40)).isEqualTo(307);
  }

  @Test
  void initBitmapPage_setsAllBitsAndIsAddedToTheMetaPage() {
    RecordMaker init = record(HashManager.INIT_BITMAP_PAGE, u16(4096), none(), none());
    Page bitmap = built(init, 0);
    assertThat(bitmap.lower()).isEqualTo(24 + 4096);
    assertThat(bitmap.i32(24)).isEqualTo(-1);
    assertThat(bitmap.i32(24 + 4092)).isEqualTo(-1);

    meta();
    redo(init, 1, page);
    assertThat(page.u32(68)).isEqualTo(1);
    assertThat(page.u32(76 + 4 * 98)).isEqualTo(HashMetaPage.maxBucket(page) + 2);
  }

  @Test
  void insert_addsTheTupleAndCountsIt() {
    RecordMaker insert = record(HashManager.INSERT, u16(2), tuple(5), none());
    bucket(1, 9);
    redo(insert, 0, page);
    assertThat(Pages.items(page)).containsExactly(tuple(1), tuple(5), tuple(9));

    meta();
    redo(insert, 1, page);
    assertThat(HashMetaPage.tuples(page)).isEqualTo(51);
  }

  @Test
  void addOverflowPage_linksItAndMarksItInUse() {
    RecordMaker add =
        record(
            HashManager.ADD_OVFL_PAGE,
            bytes(u16(4096), new byte[1]),
            u32(6),
            none(),
            u32(33),
            none(),
            u32(34));
    Page overflow = built(add, 0);
    assertThat(overflow.u32(PREV)).isEqualTo(1);
    assertThat(overflow.u32(NEXT)).isEqualTo(HashPage.NONE);
    assertThat(overflow.u32(8184)).isEqualTo(6);
    assertThat(HashPage.flag(overflow)).isEqualTo(HashPage.OVERFLOW);
    assertThat(overflow.u16(8190)).isEqualTo(0xFF80);

    bucket();
    redo(add, 1, page);
    assertThat(page.u32(NEXT)).isEqualTo(0);

    HashPage.initBitmap(page, 4096);
    page.fill(24, 4096, 0);
    redo(add, 2, page);
    assertThat(page.i32(28)).isEqualTo(2);

    assertThat(built(add, 3).lower()).isEqualTo(24 + 4096);
  }

  @ParameterizedTest
  @CsvSource({"0, 3", "1, 1"})
  void addOverflowPage_countsNewPagesOnTheMetaPage(int isFound, int spares) {
    RecordMaker add =
        record(
            HashManager.ADD_OVFL_PAGE,
            bytes(u16(4096), new byte[] {(byte) isFound}),
            u32(6),
            none(),
            u32(33),
            none(),
            u32(34));
    meta();
    int phase = page.i32(60);
    redo(add, 4, page);
    assertThat(page.u32(64)).isEqualTo(34);
    assertThat(page.u32(76 + 4 * phase)).isEqualTo(spares);
    assertThat(page.u32(68)).isEqualTo(1 - isFound);
  }

  @Test
  void splitAllocatePage_begins() {
    RecordMaker split =
        record(
            HashManager.SPLIT_ALLOCATE_PAGE,
            bytes(u32(8), u16(0x22), u16(0x12), new byte[] {3}),
            none(),
            none(),
            bytes(u32(15), u32(31), u32(4), u32(9)));
    bucket(1);
    redo(split, 0, page);
    assertThat(HashPage.flag(page)).isEqualTo(0x22);
    assertThat(page.u32(PREV)).isEqualTo(8);

    Page newBucket = built(split, 1);
    assertThat(HashPage.flag(newBucket)).isEqualTo(0x12);
    assertThat(newBucket.u32(PREV)).isEqualTo(8);
    assertThat(newBucket.u32(8184)).isEqualTo(8);

    meta();
    redo(split, 2, page);
    assertThat(HashMetaPage.maxBucket(page)).isEqualTo(8);
    assertThat(page.u32(52)).isEqualTo(31);
    assertThat(page.u32(56)).isEqualTo(15);
    assertThat(page.u32(60)).isEqualTo(4);
    assertThat(page.u32(76 + 16)).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1, 66"})
  void splitComplete_setsTheFlags(int block, int flag) {
    bucket();
    redo(record(HashManager.SPLIT_COMPLETE, bytes(u16(2), u16(66)), none(), none()), block, page);
    assertThat(HashPage.flag(page)).isEqualTo(flag);
  }

  private static RecordMaker move(int count) {
    return record(
        HashManager.MOVE_PAGE_CONTENTS,
        bytes(u16(count), new byte[1]),
        none(),
        bytes(u16(1), u16(3), tuple(0), tuple(5)),
        bytes(u16(2)));
  }

  @Test
  void movePageContents_addsAndRemovesTuples() {
    bucket(3, 9);
    redo(move(2), 1, page);
    assertThat(Pages.items(page)).containsExactly(tuple(0), tuple(3), tuple(5), tuple(9));

    bucket(3, 9);
    redo(move(2), 2, page);
    assertThat(Pages.items(page)).containsExactly(tuple(3));
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "3", "65535"})
  void movePageContents_refusesAWrongCount(int count) {
    bucket(3, 9);
    assertThatThrownBy(() -> redo(move(count), 1, page)).hasMessageContaining("=");
  }

  @Test
  void bucketsFirstPage_whichIsOnlyLocked_doesNotChange() {
    bucket(3, 9);
    byte[] before = page.bytes().clone();
    RecordMaker delete = record(HashManager.DELETE, new byte[] {1, 0}, none(), u16(1));

    assertThat(redo(move(2), 0, page)).isEqualTo(LsnStamp.KEEP);
    assertThat(redo(squeeze(2, 0), 0, page)).isEqualTo(LsnStamp.KEEP);
    assertThat(redo(delete, 0, page)).isEqualTo(LsnStamp.KEEP);
    assertThat(page.bytes()).isEqualTo(before);
  }

  private static RecordMaker squeeze(int count, int isPrevious) {
    byte[] main = bytes(u32(21), u32(23), u16(count), new byte[] {1, (byte) isPrevious});
    return record(
        HashManager.SQUEEZE_PAGE,
        main,
        none(),
        count == 0 ? none() : bytes(u16(1), u16(3), tuple(0), tuple(5)),
        none(),
        none(),
        none(),
        u32(9),
        u32(8));
  }

  @Test
  void squeezePage_movesTuplesAndFreesThePage() {
    bucket(3, 9);
    redo(squeeze(2, 1), 1, page);
    assertThat(Pages.items(page)).containsExactly(tuple(0), tuple(3), tuple(5), tuple(9));
    assertThat(page.u32(NEXT)).isEqualTo(23);

    bucket(3);
    redo(squeeze(2, 1), 2, page);
    assertThat(page.maxOffset()).isEqualTo(0);
    assertThat(HashPage.flag(page)).isEqualTo(HashPage.UNUSED);
    assertThat(page.u32(PREV)).isEqualTo(HashPage.NONE);

    bucket(3);
    redo(squeeze(2, 0), 3, page);
    assertThat(page.u32(NEXT)).isEqualTo(23);
    assertThat(page.u32(PREV)).isEqualTo(3);

    bucket(3);
    redo(squeeze(2, 0), 4, page);
    assertThat(page.u32(PREV)).isEqualTo(21);
    assertThat(page.u32(NEXT)).isEqualTo(HashPage.NONE);

    HashPage.initBitmap(page, 4096);
    redo(squeeze(2, 0), 5, page);
    assertThat(page.u8(25)).isEqualTo(0xFD);

    meta();
    redo(squeeze(2, 0), 6, page);
    assertThat(page.u32(64)).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({"V15, SET", "V16, SET", "V17, KEEP", "V18, KEEP"})
  void squeezePage_withoutAChange_stampsThePageBefore17(PgVersion version, LsnStamp stamp) {
    bucket(3);
    assertThat(redo(RedoTester.view(squeeze(0, 0), version, 1), page)).isEqualTo(stamp);
    assertThat(Pages.items(page)).containsExactly(tuple(3));
  }

  @ParameterizedTest
  @CsvSource({"0, 130", "1, 2"})
  void delete_clearsTheFlagIfToldTo(int clear, int flag) {
    bucket(1, 2, 3, 4);
    redo(
        record(HashManager.DELETE, new byte[] {(byte) clear, 1}, none(), bytes(u16(1), u16(4))),
        1,
        page);
    assertThat(Pages.items(page)).containsExactly(tuple(2), tuple(3));
    assertThat(HashPage.flag(page)).isEqualTo(flag);
  }

  @Test
  void splitCleanup_clearsTheFlag() {
    bucket();
    HashPage.setFlag(page, HashPage.BUCKET | HashPage.NEEDS_SPLIT_CLEANUP);
    redo(record(HashManager.SPLIT_CLEANUP, none(), none()), 0, page);
    assertThat(HashPage.flag(page)).isEqualTo(HashPage.BUCKET);
  }

  @Test
  void updateMetaPage_setsTheNumberOfTuples() {
    meta();
    byte[] tuples = u64(Double.doubleToRawLongBits(1234.5));
    redo(record(HashManager.UPDATE_META_PAGE, tuples, none()), 0, page);
    assertThat(HashMetaPage.tuples(page)).isEqualTo(1234.5);
  }

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void vacuumOnePage_removesTuplesAndTheirCount(PgVersion version) {
    byte[] catalog = version.atLeast(PgVersion.V16) ? new byte[] {1, 0} : new byte[2];
    RecordMaker vacuum =
        record(
            HashManager.VACUUM_ONE_PAGE,
            bytes(u32(700), u16(3), catalog, u16(1), u16(2), u16(4)),
            none(),
            none());
    bucket(1, 2, 3, 4);
    redo(RedoTester.view(vacuum, version, 0), page);
    assertThat(Pages.items(page)).containsExactly(tuple(3));
    assertThat(HashPage.flag(page)).isEqualTo(HashPage.BUCKET);

    meta();
    redo(RedoTester.view(vacuum, version, 1), page);
    assertThat(HashMetaPage.tuples(page)).isEqualTo(47);
  }

  @Test
  void splitPage_withoutItsImage_isRefused() {
    bucket();
    RecordMaker split = record(HashManager.SPLIT_PAGE, none(), none());
    assertThatThrownBy(() -> redo(split, 0, page)).isInstanceOf(RedoException.class);
  }

  @Test
  void pages_ofOtherIndexMethods_areRefused() {
    RecordMaker insert = record(HashManager.INSERT, u16(1), tuple(5), none());
    assertThatThrownBy(() -> redo(insert, 0, Pages.empty(16))).isInstanceOf(PageException.class);
    bucket();
    assertThatThrownBy(() -> redo(insert, 1, page)).isInstanceOf(PageException.class);
  }

  @Test
  void randomRecords_areRefusedOrLeaveAPage() {
    Random random = Seeds.random();
    bucket(1, 2, 3, 4);
    RedoTester.fuzz(random, page, 20_000, HashRedoTest::randomRecord);
    meta();
    RedoTester.fuzz(random, page, 10_000, HashRedoTest::randomRecord);
  }

  private static RecordMaker randomRecord(Random random) {
    RecordMaker record = RecordMaker.record(HASH, 16 * random.nextInt(16));
    for (int id = 0; id < 7; id++) {
      byte[] data = RedoTester.data(random, 60);
      if (data.length > 10 && random.nextBoolean()) {
        data[2 + IndexTuple.INFO] = (byte) (8 * random.nextInt(4));
        data[3 + IndexTuple.INFO] = 0;
      }
      record.block(id, 0, random.nextInt(5), 0, data);
    }
    return record.main(RedoTester.data(random, 20));
  }
}
