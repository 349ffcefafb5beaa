package io.walstrata.postgres.rmgr;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceManagersTest {
  private static ResourceManager of(int id) {
    return ResourceManagers.of(RecordMaker.record(id, 0).main(new byte[1]).parse());
  }

  @Test
  void everyIdOfPostgres_hasAManagerOfItsOwn() {
    for (Rmgr rmgr : Rmgr.values()) {
      if (rmgr.id() >= 0) {
        assertThat(of(rmgr.id()).rmgr()).isEqualTo(rmgr);
      }
    }
    assertThat(Rmgr.labels()).hasSize(22);
  }

  @ParameterizedTest
  @ValueSource(ints = {22, 127, 128, 255})
  void allOtherIds_haveTheOneForExtensions(int id) {
    assertThat(of(id)).isInstanceOf(CustomManager.class);
    assertThat(of(id).identify(0x50, PgVersion.V18)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0x00, true",
    "1, 0x10, true",
    "1, 0x20, true",
    "1, 0xB0, true",
    "1, 0x40, true",
    "1, 0x50, false",
    "1, 0x60, false",
    "0, 0x90, true",
    "0, 0x10, false",
    "10, 0x00, false",
    "200, 0x00, false"
  })
  void isTimed_ifTheRecordHoldsATimeOfItsOwn(int id, String info, boolean expected) {
    WalRecord record = RecordMaker.record(id, Integer.decode(info)).main(new byte[40]).parse();
    assertThat(ResourceManagers.of(record).isTimed(record)).isEqualTo(expected);
  }

  /** Nothing of a part that cannot be read is printed. */
  @ParameterizedTest
  @ValueSource(ints = {3, 18})
  void truncate_withoutItsTransaction_isDescribedByTheFaultAlone(int id) {
    WalRecord record = RecordMaker.record(id, 0x10).main(new byte[8]).parse();
    assertThat(new WalText(ZoneOffset.UTC).description(record))
        .startsWith("<record too short for its contents");
  }
}
