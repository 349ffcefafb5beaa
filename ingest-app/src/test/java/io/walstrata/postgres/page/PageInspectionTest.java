package io.walstrata.postgres.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The columns are those of {@code heap_page_items}, {@code bt_page_items} and the page header. */
class PageInspectionTest {
  private static final int HAS_NULLS = 0x0001;
  private static final int HAS_OID = 0x0008;

  private final Page page = new Page(new byte[Page.BYTES]);

  private PageInspection inspection() {
    return new PageInspection(page.bytes());
  }

  private Map<String, Object> item(int number) {
    return inspection().items().get(number - 1);
  }

  private static byte[] heapTuple(int infomask, int columns, int header, String data) {
    Page tuple = new Page(new byte[header + data.length()]);
    tuple.putI32(0, 700);
    tuple.putI32(4, -2);
    tuple.putI32(8, 5);
    tuple.putU16(12, 1);
    tuple.putU16(14, 2);
    tuple.putU16(16, 3);
    tuple.putU16(18, columns | 0x8000);
    tuple.putU16(20, infomask);
    tuple.putU8(22, header);
    for (int i = 0; i < data.length(); i++) {
      tuple.putU8(header + i, data.charAt(i));
    }
    return tuple.bytes();
  }

  @Test
  void header_ofAPage() {
    page.init(0);
    page.setLsn(0x1_0A00_00FFL);
    page.setChecksum(0xFFFE);

    assertThat(inspection().kind()).isEqualTo("heap");
    assertThat(inspection().header())
        .containsExactly(
            entry("lsn", "1/A0000FF"),
            entry("checksum", 0xFFFE),
            entry("flags", 0),
            entry("lower", 24),
            entry("upper", 8192),
            entry("special", 8192),
            entry("pagesize", 8192),
            entry("version", 4),
            entry("prune_xid", 0L));
  }

  @Test
  void heapItem_ofATuple() {
    page.init(0);
    Pages.add(page, heapTuple(0x0100, 2, 24, "ab"));

    assertThat(item(1))
        .containsExactly(
            entry("lp", 1),
            entry("lp_off", 8160),
            entry("lp_flags", 1),
            entry("lp_len", 26),
            entry("t_xmin", 700L),
            entry("t_xmax", 4294967294L),
            entry("t_field3", 5L),
            entry("t_ctid", "(65538,3)"),
            entry("t_infomask2", 0x8002),
            entry("t_infomask", 0x0100),
            entry("t_hoff", 24),
            entry("t_bits", null),
            entry("t_oid", null),
            entry("t_data", "\\x6162"));
  }

  @Test
  void heapItem_withNullsAndOid() {
    page.init(0);
    byte[] tuple = heapTuple(HAS_NULLS | HAS_OID, 9, 32, "x");
    tuple[23] = 0b101;
    tuple[24] = 1;
    tuple[28] = 77;
    Pages.add(page, tuple);

    assertThat(item(1))
        .containsEntry("t_bits", "1010000010000000")
        .containsEntry("t_oid", 77L)
        .containsEntry("t_data", "\\x78");
  }

  @Test
  void heapItem_whoseHeaderExceedsTheTuple_hasNoData() {
    page.init(0);
    byte[] tuple = heapTuple(HAS_NULLS, 9, 24, "abcdefgh");
    tuple[22] = 40;
    Pages.add(page, tuple);
    Pages.add(page, heapTuple(HAS_NULLS, 1600, 24, ""));

    assertThat(item(1)).containsEntry("t_hoff", 40).containsEntry("t_data", null);
    assertThat(item(2)).containsEntry("t_bits", null).containsEntry("t_data", "\\x");
  }

  @Test
  void heapItem_withoutATuple_hasItsLinePointer() {
    page.init(0);
    Pages.add(page, heapTuple(0, 1, 24, ""));
    page.setItemId(1, 2, Page.LP_REDIRECT, 0);

    assertThat(item(1))
        .containsEntry("lp_off", 2)
        .containsEntry("lp_flags", 2)
        .containsEntry("t_xmin", null)
        .containsEntry("t_data", null);
  }

  private static byte[] indexTuple(long block, int offset, int flags, int... key) {
    Page tuple = new Page(new byte[8 + key.length]);
    IndexTuple.setBlock(tuple, 0, block);
    IndexTuple.setOffsetNumber(tuple, 0, offset);
    IndexTuple.setInfo(tuple, 0, tuple.bytes().length | flags);
    for (int i = 0; i < key.length; i++) {
      tuple.putU8(8 + i, key[i]);
    }
    return tuple.bytes();
  }

  @Test
  void btreeItem_ofOneHeapTuple() {
    BtreePage.init(page, 0, 0, 0, BtreePage.LEAF | BtreePage.ROOT);
    Pages.add(page, indexTuple(65537, 4, 0x4000, 1, 0xAB, 0, 0, 0, 0, 0, 0));

    assertThat(inspection().kind()).isEqualTo("btree");
    assertThat(item(1))
        .containsExactly(
            entry("itemoffset", 1),
            entry("ctid", "(65537,4)"),
            entry("itemlen", 16),
            entry("nulls", false),
            entry("vars", true),
            entry("data", "01 ab 00 00 00 00 00 00"),
            entry("dead", false),
            entry("htid", "(65537,4)"),
            entry("tids", null));
  }

  @Test
  void btreeItem_withNulls_leavesTheirBitmapOut() {
    BtreePage.init(page, 0, 0, 0, BtreePage.LEAF);
    Pages.add(page, indexTuple(1, 1, 0x8000, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0));

    assertThat(item(1))
        .containsEntry("nulls", true)
        .containsEntry("data", "07 00 00 00 00 00 00 00");
  }

  @Test
  void btreeItem_withAPostingList() {
    BtreePage.init(page, 0, 0, 0, BtreePage.LEAF);
    byte[] tuple =
        indexTuple(0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 0, 0, 0, 5, 0, 2, 0, 0, 0, 0, 0);
    BtreeTuple.setPosting(new Page(tuple), 0, 2, 16);
    Pages.add(page, tuple);

    assertThat(item(1))
        .containsEntry("ctid", "(16,8194)")
        .containsEntry("itemlen", 32)
        .containsEntry("data", "09 00 00 00 00 00 00 00")
        .containsEntry("htid", "(5,1)")
        .containsEntry("tids", List.of("(5,1)", "(5,2)"));
  }

  @Test
  void btreeItem_thatSeparatesPages_isNeverDead() {
    BtreePage.init(page, 0, 7, 0, BtreePage.LEAF);
    Pages.add(
        page,
        indexTuple(
            3, 0x1001, IndexTuple.AM_RESERVED, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 2, 0));
    Pages.add(page, indexTuple(4, 1, 0, 2));
    page.setItemId(2, Page.offsetOf(page.itemId(2)), Page.LP_DEAD, 9);

    assertThat(item(1))
        .containsEntry("dead", null)
        .containsEntry("data", "01 00 00 00 00 00 00 00")
        .containsEntry("htid", "(6,2)")
        .containsEntry("tids", null);
    assertThat(item(2)).containsEntry("dead", true);
  }

  @Test
  void btreePages_withoutIndexTuples_haveNoItems() {
    BtreePage.init(page, 0, 0, 0, BtreePage.META);
    page.setLower(72);
    assertThat(inspection().items()).isEmpty();
    BtreePage.init(page, 0, 0, 0, BtreePage.DELETED);
    page.setLower(32);
    assertThat(inspection().items()).isEmpty();
  }

  @Test
  void bytesWithoutAPageHeader_haveNone() {
    byte[] status = new byte[Page.BYTES];
    Arrays.fill(status, (byte) 0x55);
    for (byte[] bytes : List.of(new byte[5], new byte[512], new byte[0], status)) {
      PageInspection inspection = new PageInspection(bytes);
      assertThat(inspection.kind()).isEqualTo("bytes");
      assertThat(inspection.header()).isEmpty();
      assertThat(inspection.items()).isEmpty();
    }
    assertThat(inspection().kind()).isEqualTo("new");
  }

  @Test
  void damagedPages_areDescribedAsFarAsTheyCanBe() {
    Random random = new Random(7);
    for (int run = 0; run < 2000; run++) {
      random.nextBytes(page.bytes());
      int special = run % 2 == 0 ? Page.BYTES : Page.BYTES - BtreePage.SPECIAL_BYTES;
      page.putU16(16, special);
      page.putU16(18, Page.BYTES | 4);
      page.putU16(Page.BYTES - 2, 0);
      page.setLower(random.nextInt(Page.BYTES + 100));
      assertThat(inspection().header()).hasSize(9);
      assertThat(inspection().items()).hasSizeLessThan(Page.BYTES);
    }
  }
}
