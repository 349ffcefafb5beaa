package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.record;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static io.walstrata.postgres.wal.RecordMaker.u32;
import static io.walstrata.postgres.wal.RecordMaker.u64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RealWal;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalRecord;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalMapperTest {
  private static final byte[] NOTHING = {};
  private static final WalMapper MAPPER = new WalMapper();
  private static final List<Integer> LENGTHS = List.of(8192, 8192, 0);
  private static final byte[] RELATION = bytes(u32(1663), u32(5), u32(16384));

  /** Returns what a record does, key to kind of value; the mapping must have no key twice. */
  private static Map<String, ValueKind> versions(WalEffects effects) {
    Map<String, ValueKind> kinds = new HashMap<>();
    for (PageVersion version : effects.versions()) {
      assertThat(kinds.put(text(version.key()), version.value().kind())).isNull();
    }
    return kinds;
  }

  private static String text(PageKey key) {
    String place =
        key.spc() + "." + key.db() + "." + key.rel() + "." + key.fork() + "." + key.block();
    return key.kind() == 0 ? place : key.kind() + ":" + place;
  }

  private static WalEffects map(RecordMaker record) {
    return map(record, PgVersion.V18);
  }

  private static WalEffects map(RecordMaker record, PgVersion version) {
    return MAPPER.map(record.parse(version));
  }

  private static KeyRange range(String start, String end) {
    return new KeyRange(PageKey.parse(start), PageKey.parse(end));
  }

  @Test
  void blockReferences_imageAndRecordAndInit() {
    byte[] page = new byte[8192];
    page[15] = 0x20;
    RecordMaker maker =
        record(RecordMaker.RMGR_XLOG, 0xB0)
            .image(0, 3, page, RecordMaker.IMAGE_APPLY, 0, 0)
            .image(1, 4, page, 0, 0, 0)
            .block(2, 1, 5, 0x40, NOTHING);
    WalRecord record = maker.parse();
    WalEffects effects = MAPPER.map(record);

    assertThat(effects.lsn()).isEqualTo(record.endLsn());
    assertThat(versions(effects))
        .isEqualTo(
            Map.of(
                "1663.5.16384.0.3", ValueKind.WAL_RECORD_WILL_INIT,
                "1663.5.16384.0.4", ValueKind.WAL_RECORD,
                "1663.5.16384.1.5", ValueKind.WAL_RECORD_WILL_INIT));
    for (int block = 0; block < 3; block++) {
      byte[] value = effects.versions().get(block).value().bytes();
      WalRecord read = WalRecord.ofValue(value, record.endLsn());
      assertThat(read.xid()).isEqualTo(record.xid());
      assertThat(read.totalLength()).isEqualTo(record.totalLength() - (block == 0 ? 8192 : 16384));
      assertThat(read.blocks()).extracting(BlockReference::imageLength).isEqualTo(LENGTHS);
      for (int other = 0; other < 3; other++) {
        assertThat(read.block(other).isImageLeftOut())
            .isEqualTo(other == 1 || (other == 0 && block != 0));
      }
    }
    byte[] image =
        WalRecord.ofValue(effects.versions().get(0).value().bytes(), record.endLsn())
            .block(0)
            .image();
    assertThat(image).isEqualTo(page);
  }

  @Test
  void storageCreate_knowsTheSize() {
    WalEffects effects = map(record(RecordMaker.RMGR_STORAGE, 0x10).main(bytes(RELATION, u32(3))));
    assertThat(versions(effects))
        .isEqualTo(Map.of("1663.5.16384.3.4294967295", ValueKind.WAL_RECORD_WILL_INIT));
    assertThat(effects.tombstones()).isEmpty();
  }

  @Test
  void storageTruncate_dropsTheTailOfAllForks() {
    WalEffects effects = map(truncate(40_000, 7));
    assertThat(effects.tombstones())
        .containsExactly(
            range("1663.5.16384.0.40000", "1663.5.16384.0.4294967295"),
            range("1663.5.16384.2.2", "1663.5.16384.2.4294967295"),
            // 40000 blocks: 9 full leaf pages, one with a part; root and one child before them.
            range("1663.5.16384.1.12", "1663.5.16384.1.4294967295"));
    assertThat(versions(effects))
        .isEqualTo(
            Map.of(
                "1663.5.16384.0.4294967295", ValueKind.WAL_RECORD_WILL_INIT,
                "1663.5.16384.1.4294967295", ValueKind.WAL_RECORD_WILL_INIT,
                "1663.5.16384.2.4294967295", ValueKind.WAL_RECORD_WILL_INIT,
                "1663.5.16384.2.1", ValueKind.WAL_RECORD));
  }

  @Test
  void storageTruncate_toNothing_orToAFullMapPage_leavesNoBitsToClear() {
    assertThat(versions(map(truncate(0, 3))).keySet())
        .containsExactlyInAnyOrder("1663.5.16384.0.4294967295", "1663.5.16384.2.4294967295");
    assertThat(versions(map(truncate(32_672, 2))).keySet())
        .containsExactly("1663.5.16384.2.4294967295");
    assertThat(map(truncate(32_672, 2)).tombstones())
        .containsExactly(range("1663.5.16384.2.1", "1663.5.16384.2.4294967295"));
  }

  private static RecordMaker truncate(long blocks, int flags) {
    return record(RecordMaker.RMGR_STORAGE, 0x20).main(bytes(u32(blocks), RELATION, u32(flags)));
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1, 3", "4069, 3", "4070, 4", "16556761, 4072", "16556762, 4073"})
  void freeSpaceMap_keepsItsPages(long heapBlocks, long pages) {
    assertThat(Forks.freeSpaceMapBlocks(heapBlocks)).isEqualTo(pages);
  }

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void commit_marksStatusAndDropsRelations(PgVersion version) {
    byte[] stats = version.atLeast(PgVersion.V18) ? new byte[16] : new byte[12];
    byte[] main =
        bytes(
            u64(1),
            u32(0x01 | 0x02 | 0x04 | 0x100 | 0x08 | 0x20),
            bytes(u32(5), u32(1663)),
            bytes(u32(2), u32(32_767), u32(32_768)),
            bytes(u32(1), RELATION),
            bytes(u32(1), stats),
            bytes(u32(1), new byte[16]),
            bytes(u64(0xABC), u64(7)));
    WalEffects effects =
        map(record(RecordMaker.RMGR_TRANSACTION, 0x80).xid(100_000).main(main), version);

    assertThat(effects.tombstones()).containsExactly(range("1663.5.16384.0.0", "1663.5.16385.0.0"));
    assertThat(versions(effects))
        .isEqualTo(
            Map.of(
                "1:0.1.0.0.3", ValueKind.WAL_RECORD,
                "1:0.1.0.0.0", ValueKind.WAL_RECORD,
                "1:0.1.0.0.1", ValueKind.WAL_RECORD,
                "3:0.0.0.0.2", ValueKind.WAL_RECORD));
  }

  @Test
  void commit_statusPagesAreInSegmentsOf32() {
    long xid = 32_768L * 70;
    WalEffects effects = map(record(RecordMaker.RMGR_TRANSACTION, 0).xid(xid).main(u64(1)));
    assertThat(versions(effects)).containsOnlyKeys("1:0.1.2.0.6");
  }

  @Test
  void commit_announcingMoreThanItHolds_isBad() {
    byte[] main = bytes(u64(1), u32(0x02), u32(0x7FFFFFFF));
    RecordMaker commit = record(RecordMaker.RMGR_TRANSACTION, 0x80).xid(3).main(main);
    assertThatThrownBy(() -> map(commit))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("more elements announced");
  }

  @Test
  void preparedTransaction_isKeptUntilItEnds() {
    byte[] prepare = new byte[80];
    LittleEndian.putI32(prepare, 8, 4711);
    assertThat(versions(map(record(RecordMaker.RMGR_TRANSACTION, 0x10).main(prepare))))
        .isEqualTo(Map.of("2:0.0.0.0.4711", ValueKind.WAL_RECORD_WILL_INIT));

    WalEffects end =
        map(
            record(RecordMaker.RMGR_TRANSACTION, 0x80 | 0x40)
                .main(bytes(u64(1), u32(0x10), u32(4711))));
    assertThat(end.tombstones()).containsExactly(KeyRange.of(PgKeys.twoPhase(4711)));
    assertThat(versions(end)).containsOnlyKeys("1:0.1.0.0.0");
  }

  @ParameterizedTest
  @CsvSource({
    "0x00, '3:0.0.0.0.1', WAL_RECORD_WILL_INIT",
    "0x10, '3:0.0.0.0.1', WAL_RECORD_WILL_INIT",
    "0x30, '3:0.0.0.0.1', WAL_RECORD",
    "0x80, '3:0.0.0.0.1', WAL_RECORD",
    "0x60, '3:0.0.0.0.0', WAL_RECORD",
    "0x50, '3:0.0.0.0.0', WAL_RECORD",
  })
  void clusterRecords(String info, String key, ValueKind kind) {
    RecordMaker maker = record(RecordMaker.RMGR_XLOG, Integer.decode(info)).main(new byte[88]);
    assertThat(versions(map(maker))).isEqualTo(Map.of(key, kind));
  }

  @Test
  void endOfRecovery_touchesControlFileAndCheckpoint() {
    assertThat(versions(map(record(RecordMaker.RMGR_XLOG, 0x90).main(new byte[20]))))
        .containsOnlyKeys("3:0.0.0.0.0", "3:0.0.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x20, 0x40, 0x70, 0xD0, 0xE0})
  void clusterRecords_withoutEffect(int info) {
    assertThat(map(record(RecordMaker.RMGR_XLOG, info).main(new byte[72])).isEmpty()).isTrue();
  }

  @Test
  void clog_zeroPage_andTruncate() {
    assertThat(versions(map(record(3, 0x00).main(u64(33)))))
        .isEqualTo(Map.of("1:0.1.1.0.1", ValueKind.WAL_RECORD_WILL_INIT));
    assertThat(versions(map(record(3, 0x00).main(u32(33)), PgVersion.V16)))
        .isEqualTo(Map.of("1:0.1.1.0.1", ValueKind.WAL_RECORD_WILL_INIT));

    WalEffects cut = map(record(3, 0x10).main(bytes(u64(32 * 5 + 3), u32(700), u32(1))));
    // Everything in the half of the circle before segment 5: around the end of the numbers.
    assertThat(cut.tombstones())
        .containsExactly(
            PgKeys.slruSegments(Slru.CLOG, 4096 - 2047 + 5, 4096),
            PgKeys.slruSegments(Slru.CLOG, 0, 5));
    assertThat(versions(cut)).containsOnlyKeys("3:0.0.0.0.1");
  }

  @Test
  void clog_impossiblePageNumber_isBad() {
    assertThatThrownBy(() -> map(record(3, 0x00).main(u64(-1))))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("impossible page number");
  }

  @Test
  void multixact_create_touchesOffsetsAndMembers() {
    byte[] members = new byte[8 * 3];
    byte[] main = bytes(u32(2047), u32(1635), u32(3), members);
    assertThat(versions(map(record(6, 0x20).main(main))))
        .isEqualTo(
            Map.of(
                "1:2.1.0.0.0", ValueKind.WAL_RECORD,
                "1:2.1.0.0.1", ValueKind.WAL_RECORD,
                "1:1.1.0.0.0", ValueKind.WAL_RECORD,
                "1:1.1.0.0.1", ValueKind.WAL_RECORD));
  }

  @Test
  void multixact_create_aroundTheEndOfTheNumbers() {
    byte[] main = bytes(u32(0xFFFFFFFFL), u32(0xFFFFFFFFL), u32(2), new byte[16]);
    assertThat(versions(map(record(6, 0x20).main(main))))
        .containsOnlyKeys("1:2.1.65535.0.31", "1:2.1.0.0.0", "1:1.1.82040.0.5", "1:1.1.0.0.0");
  }

  @Test
  void multixact_zeroPages_andTruncate() {
    assertThat(versions(map(record(6, 0x00).main(u64(2))))).containsOnlyKeys("1:2.1.0.0.2");
    assertThat(versions(map(record(6, 0x10).main(u64(2))))).containsOnlyKeys("1:1.1.0.0.2");
    long members = 1636L * 32;
    byte[] main = bytes(u32(1), u32(1), u32(65_536 * 3 + 5), u32(members), u32(4 * members + 9));
    WalEffects cut = map(record(6, 0x30).main(main));
    assertThat(cut.tombstones())
        .contains(
            PgKeys.slruSegments(Slru.MULTIXACT_OFFSETS, 0, 3),
            PgKeys.slruSegments(Slru.MULTIXACT_MEMBERS, 1, 4));
  }

  @Test
  void databases() {
    WalEffects copy = map(record(4, 0x00).main(bytes(u32(16_400), u32(1663), u32(1), u32(1663))));
    assertThat(versions(copy))
        .isEqualTo(
            Map.of(
                "0.0.0.0.0", ValueKind.WAL_RECORD,
                "1663.16400.0.0.0", ValueKind.WAL_RECORD_WILL_INIT,
                "1663.16400.0.0.1", ValueKind.WAL_RECORD_WILL_INIT));
    assertThat(versions(map(record(4, 0x10).main(bytes(u32(16_400), u32(1663))))))
        .containsOnlyKeys("0.0.0.0.0", "1663.16400.0.0.1");

    WalEffects drop = map(record(4, 0x20).main(bytes(u32(16_400), u32(2), u32(1663), u32(16_390))));
    assertThat(drop.tombstones())
        .containsExactly(
            range("1663.16400.0.0.0", "1663.16401.0.0.0"),
            range("16390.16400.0.0.0", "16390.16401.0.0.0"));
  }

  @Test
  void relationMap_andTablespaces_andOrigins() {
    byte[] map = bytes(u32(5), u32(1663), u32(524), new byte[524]);
    assertThat(versions(map(record(7, 0).main(map))))
        .isEqualTo(Map.of("1663.5.0.0.0", ValueKind.WAL_RECORD_WILL_INIT));
    WalEffects drop = map(record(5, 0x10).main(u32(16_390)));
    assertThat(drop.tombstones()).containsExactly(range("16390.0.0.0.0", "16391.0.0.0.0"));
    assertThat(versions(drop)).containsOnlyKeys("3:0.0.0.0.3");
    assertThat(versions(map(record(19, 0).main(new byte[16])))).containsOnlyKeys("3:0.0.0.0.2");
  }

  @Test
  void visibilityMap_clearedWithoutABlockReference() {
    long block = 40_000;
    byte[] insert = bytes(u16(1), new byte[] {1});
    assertThat(versions(map(heap(10, 0x00, block, insert))))
        .containsEntry("1663.5.16384.2.1", ValueKind.WAL_RECORD)
        .hasSize(2);
    assertThat(versions(map(heap(10, 0x00, block, bytes(u16(1), new byte[] {8}))))).hasSize(1);
    byte[] flagAt7 = bytes(u32(9), u16(1), new byte[] {0, 1});
    assertThat(versions(map(heap(10, 0x10, block, flagAt7)))).hasSize(2);
    assertThat(versions(map(heap(10, 0x60, block, flagAt7)))).hasSize(2);
    assertThat(versions(map(heap(9, 0x60, block, flagAt7)))).hasSize(2);
    assertThat(versions(map(heap(9, 0xD0, block, new byte[] {1, 0, 2, 0})))).hasSize(2);
    // 0x02 means something else in these.
    assertThat(versions(map(heap(9, 0x50, block, new byte[] {2, 0, 2, 0})))).hasSize(1);
  }

  private static RecordMaker heap(int rmgr, int info, long block, byte[] main) {
    return record(rmgr, info).block(0, 0, block, 0, NOTHING).main(main);
  }

  @Test
  void visibilityMap_ofBothPagesOfAnUpdate() {
    byte[] main = bytes(u32(1), u16(1), new byte[] {0, 3}, u32(0), u16(2));
    RecordMaker update =
        record(10, 0x20).block(0, 0, 70_000, 0, NOTHING).block(1, 0, 1, 0, NOTHING).main(main);
    assertThat(versions(map(update)))
        .containsOnlyKeys(
            "1663.5.16384.0.70000", "1663.5.16384.0.1", "1663.5.16384.2.2", "1663.5.16384.2.0");
    RecordMaker samePage = record(10, 0x20).block(0, 0, 70_000, 0, NOTHING).main(main);
    assertThat(versions(map(samePage)))
        .containsOnlyKeys("1663.5.16384.0.70000", "1663.5.16384.2.2");
  }

  @Test
  void visibilityMap_namedByTheRecord_isNotDoubled() {
    byte[] main = bytes(u16(1), new byte[] {1});
    RecordMaker insert =
        record(10, 0x00).block(0, 0, 5, 0, NOTHING).block(1, 2, 0, 0x40, NOTHING).main(main);
    assertThat(versions(map(insert)))
        .isEqualTo(
            Map.of(
                "1663.5.16384.0.5", ValueKind.WAL_RECORD,
                "1663.5.16384.2.0", ValueKind.WAL_RECORD_WILL_INIT));
  }

  @Test
  void tablespaceThatNoKeyHolds_isRefusedOrReported() {
    RecordMaker maker =
        record(10, 0x00)
            .block(0, 70_000, 5, 16_384, 0, 1, 0, NOTHING)
            .block(1, 1663, 5, 16_384, 0, 2, 0, NOTHING)
            .main(bytes(u16(1), new byte[] {1}));
    assertThatThrownBy(() -> map(maker))
        .isInstanceOf(UnrepresentableKeyException.class)
        .hasMessageContaining("spc=70000")
        .hasMessageContaining("lsn=0/1000000");

    WalEffects effects = new WalMapper(WalMapper.Unrepresentable.REPORT).map(maker.parse());
    assertThat(versions(effects)).containsOnlyKeys("1663.5.16384.0.2");
    assertThat(effects.unrepresentable()).hasSize(2).allMatch(what -> what.contains("spc=70000"));
  }

  @Test
  void recordsWithoutEffectOnPages() {
    assertThat(map(record(8, 0x10).main(new byte[24])).isEmpty()).isTrue();
    assertThat(map(record(21, 0).main(new byte[24])).isEmpty()).isTrue();
    assertThat(map(record(10, 0x30).main(new byte[16])).isEmpty()).isTrue();
    byte[] assignment = bytes(u32(1), u32(0));
    assertThat(map(record(RecordMaker.RMGR_TRANSACTION, 0x50).main(assignment)).isEmpty()).isTrue();
  }

  /**
   * On real WAL: every block reference is there, and a key has one version or tombstone a record.
   */
  @ParameterizedTest
  @ValueSource(strings = {"pg15", "pg16", "pg17", "pg18"})
  void realWal_everyBlockIsCarried(String directory) throws IOException {
    Set<Integer> kinds = new HashSet<>();
    int tombstones = 0;
    for (WalRecord record : RealWal.of(directory).records()) {
      WalEffects effects = MAPPER.map(record);
      Map<String, ValueKind> versions = versions(effects);
      for (BlockReference block : record.blocks()) {
        PageKey key =
            PgKeys.block(block.spc(), block.db(), block.rel(), block.fork(), block.block());
        assertThat(versions).containsKey(text(key));
      }
      for (PageVersion version : effects.versions()) {
        kinds.add(version.key().kind());
        assertThat(effects.tombstones()).noneMatch(range -> range.contains(version.key()));
        assertThat(version.key()).isNotEqualTo(PageKey.MAX);
      }
      assertThat(effects.lsn()).isEqualTo(record.endLsn()).isGreaterThan(Lsn.INVALID);
      tombstones += effects.tombstones().size();
    }
    assertThat(kinds).containsExactlyInAnyOrder(0, 1, 2, 3);
    assertThat(tombstones).isGreaterThan(10);
  }

  @Test
  void keys_atTheEdges() {
    assertThat(PgKeys.relation(1663, 5, 0xFFFFFFFFL).endKey())
        .isEqualTo(PageKey.of(0, 1663, 6, 0, 0, 0));
    assertThat(PgKeys.relation(1663, 0xFFFFFFFFL, 0xFFFFFFFFL).endKey())
        .isEqualTo(PageKey.of(0, 1664, 0, 0, 0, 0));
    assertThat(PgKeys.tablespace(0xFFFFFFFFL).endKey()).isEqualTo(PageKey.of(1, 0, 0, 0, 0, 0));
    assertThat(List.of(PgKeys.relation(1663, 5, 9).contains(PgKeys.size(1663, 5, 9, 3))))
        .containsExactly(true);
  }
}
