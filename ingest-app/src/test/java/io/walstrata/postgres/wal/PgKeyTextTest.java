package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walstrata.layerstore.page.PageKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgKeyTextTest {
  @ParameterizedTest
  @CsvSource({
    "1663/5/16446, 1663.5.16446.0.0",
    "1663/5/16446/0/0, 1663.5.16446.0.0",
    "1663/5/16446/2/7, 1663.5.16446.2.7",
    "1663/5/16446/vm, 1663.5.16446.2.0",
    "1663/5/16446/vm/7, 1663.5.16446.2.7",
    "1663/5/16446 7, 1663.5.16446.0.7",
    "base/5/16446, 1663.5.16446.0.0",
    "base/5/16446 0, 1663.5.16446.0.0",
    "base/5/16446 4294967295, 1663.5.16446.0.4294967295",
    "base/5/16446_vm, 1663.5.16446.2.0",
    "base/5/16446_fsm 3, 1663.5.16446.1.3",
    "base/5/16446_init blk 3, 1663.5.16446.3.3",
    "base/4294967295/4294967295, 1663.4294967295.4294967295.0.0",
    "global/1262, 1664.0.1262.0.0",
    "global/1262_vm 1, 1664.0.1262.2.1",
    "pg_tblspc/16400/PG_18_202506291/5/16446 9, 16400.5.16446.0.9",
    "rel 1663/5/16446 blk 0, 1663.5.16446.0.0",
    "rel 1663/5/16446 fork vm blk 12, 1663.5.16446.2.12",
    "rel 1663/5/16446 fork main blk 12, 1663.5.16446.0.12",
    "blkref #0: rel 1663/5/16446 fork fsm blk 2, 1663.5.16446.1.2",
    "'  rel  1663/5/16446   blk  2 ', 1663.5.16446.0.2",
    "1663.5.16446.0.2, 1663.5.16446.0.2",
    "000000067F00000005000040000000000001, 1663.5.16384.0.1",
  })
  void parse_takesWhatPostgresPrints(String text, String dotted) {
    assertThat(PgKeyText.parse(text)).isEqualTo(PageKey.parse(dotted));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "1663/5",
        "000000067F0000000500004000000000000001",
        "1663/5/16446_vm fork vm blk 0",
        "1663/5/16446 fork nap blk 0",
        "1663/5/16446 blk",
        "1663/5/16446 blk -1",
        "1663/5/16446 blk 4294967296",
        "1663/5/16446 99999999999",
        "1663/5/16446.1",
        "1663/5/\u0661",
        "base/5/16446 \uFF11",
        "base/5/16446 0 0",
        "65535/5/16446",
        "global/5/1262",
        "../base/5/16446",
      })
  void parse_ofAnythingElse_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> PgKeyText.parse(text));
  }

  @Test
  void refusal_listsTheForms() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PgKeyText.parse("a/b"))
        .withMessageContaining("pg_waldump")
        .withMessageContaining("text=a/b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PgKeyText.parse("16446"))
        .withMessageContaining("pg_relation_filepath");
  }
}
