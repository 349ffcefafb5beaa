package io.walstrata.postgres.rmgr;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.rmgr.RecordRedo.LsnStamp;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalRecord;
import java.util.Random;

/** Replays records made by tests on pages made by tests. */
final class RedoTester {
  /** A reference's flag: the page is built from nothing. */
  static final int WILL_INIT = 0x40;

  private RedoTester() {}

  /** Returns the record as redo sees it for a block of its relation. */
  static RecordView view(RecordMaker maker, PgVersion version, long block) {
    WalRecord record = maker.parse(version);
    RecordView view = new RecordView();
    view.read(PageKey.of(0, 1663, 5, 16384, 0, block), record.toValue(), record.endLsn());
    return view;
  }

  /** Replays a record of version 18 on a page, with the manager that it belongs to. */
  static LsnStamp redo(RecordMaker maker, long block, Page page) {
    return redo(view(maker, PgVersion.V18, block), page);
  }

  static LsnStamp redo(RecordView record, Page page) {
    return ResourceManagers.redo(record.rmgrId()).redo(record, page);
  }

  /** Returns the page that a record builds from nothing. */
  static Page built(RecordMaker maker, long block) {
    Page page = new Page(new byte[Page.BYTES]);
    assertThat(redo(maker, block, page)).isEqualTo(LsnStamp.SET);
    return page;
  }

  /**
   * Replays a record with random main and block data on random changes of a page: what does not fit
   * is refused with one of the exceptions for that.
   *
   * @param maker makes a record with data of random lengths
   */
  static void fuzz(Random random, Page start, int rounds, Maker maker) {
    for (int round = 0; round < rounds; round++) {
      byte[] bytes = start.bytes().clone();
      for (int i = random.nextInt(4); i > 0; i--) {
        int at = random.nextBoolean() ? random.nextInt(64) : random.nextInt(Page.BYTES);
        bytes[at] = (byte) random.nextInt();
      }
      Page page = new Page(bytes);
      int block = random.nextInt(4);
      try {
        RecordView record = view(maker.make(random), PgVersion.V18, block);
        redo(record, page);
        assertThat(page.bytes()).hasSize(Page.BYTES);
      } catch (PageException | RedoException | WalException e) {
        assertThat(e).hasMessageContaining("=");
      }
    }
  }

  /** Makes records. */
  interface Maker {
    RecordMaker make(Random random);
  }

  /** Returns random bytes whose 16-bit numbers are small more often than not. */
  static byte[] data(Random random, int maxLength) {
    byte[] data = new byte[random.nextInt(maxLength + 1)];
    random.nextBytes(data);
    for (int i = 0; i + 1 < data.length; i += 2) {
      if (random.nextInt(4) > 0) {
        data[i] &= 0x1F;
        data[i + 1] = 0;
      }
    }
    return data;
  }
}
