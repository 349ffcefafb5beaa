package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageChecksum;
import io.walstrata.postgres.wal.PgKeys;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WriteChecksumTest {
  private static final PageKey HEAP = PageKey.parse("1663.5.16384.0.7");

  private static Page page() {
    Page page = new Page(new byte[Page.BYTES]);
    page.init(0);
    page.setChecksum(1234);
    return page;
  }

  @Test
  void pageOfARelation_hasItComputedOrZero() {
    Page page = page();
    PostgresRedo.writeChecksum(HEAP, page.bytes(), /* isComputed= */ true);
    assertThat(page.checksum()).isEqualTo(PageChecksum.of(page(), 7)).isNotEqualTo(1234);
    PostgresRedo.writeChecksum(HEAP, page.bytes(), /* isComputed= */ false);
    assertThat(page.checksum()).isZero();
  }

  @Test
  void bytesWithoutAPlaceForIt_stayAsTheyAre() {
    byte[] other = new byte[Page.BYTES];
    Arrays.fill(other, (byte) 0x5A);
    for (byte[] bytes : new byte[][] {other, new byte[Page.BYTES], new byte[512]}) {
      byte[] given = bytes.clone();
      PostgresRedo.writeChecksum(HEAP, given, /* isComputed= */ true);
      assertThat(given).isEqualTo(bytes);
    }
    byte[] size = page().bytes();
    PostgresRedo.writeChecksum(PgKeys.size(1663, 5, 16384, 0), size, /* isComputed= */ true);
    assertThat(size).isEqualTo(page().bytes());
  }
}
