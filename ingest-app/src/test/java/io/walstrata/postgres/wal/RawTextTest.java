package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Value;
import io.walstrata.postgres.rmgr.WalText;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class RawTextTest {
  private static final byte[] LATIN = {'g', (byte) 0xE9, (byte) 0xFF, 'x', (byte) 0xC3};

  private static String decode(byte[] bytes) {
    return RawText.decode(bytes, 0, bytes.length);
  }

  @Test
  void utf8_isText() {
    String text = "gid-\u00fc\u20ac\ud83d\ude00";
    assertThat(decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    assertThat(RawText.escape(text)).isEqualTo(text);
  }

  @Test
  void otherBytes_areKept() {
    assertThat(decode(LATIN)).isEqualTo("g\udce9\udcffx\udcc3");
    assertThat(RawText.escape(decode(LATIN))).isEqualTo("g\\xE9\\xFFx\\xC3");
  }

  /** Every text that users choose: restore points, tablespaces, message prefixes, transactions. */
  @Test
  void names_areThoseOfTheLog() {
    WalText text = new WalText(ZoneOffset.UTC);
    byte[] name = RecordMaker.bytes(LATIN, new byte[1]);
    RecordMaker restorePoint =
        RecordMaker.record(RecordMaker.RMGR_XLOG, 0x70)
            .main(RecordMaker.bytes(new byte[8], name, new byte[58]));
    RecordMaker tablespace =
        RecordMaker.record(5, 0x00).main(RecordMaker.bytes(RecordMaker.u32(9), name));
    RecordMaker message =
        RecordMaker.record(21, 0)
            .main(
                RecordMaker.bytes(
                    new byte[8], RecordMaker.u64(name.length), RecordMaker.u64(0), name));
    byte[] prepared = new byte[72];
    prepared[54] = (byte) name.length;
    RecordMaker prepare =
        RecordMaker.record(RecordMaker.RMGR_TRANSACTION, 0x10)
            .main(RecordMaker.bytes(prepared, name, new byte[2]));
    for (RecordMaker maker : new RecordMaker[] {restorePoint, tablespace, message, prepare}) {
      WalRecord record = maker.parse();
      assertThat(text.line(record)).contains("g\udce9\udcffx\udcc3");
      assertThat(WalText.describeValue(Value.walRecord(record.toValue(), false), record.endLsn()))
          .contains("g\\xE9\\xFFx\\xC3");
    }
  }
}
