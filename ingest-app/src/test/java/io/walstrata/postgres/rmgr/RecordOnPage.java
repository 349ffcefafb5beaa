package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.RecordView;
import java.util.Arrays;

/** Applies records that {@link RecordMaker} made to pages of its relation. */
final class RecordOnPage {
  /** Flag of a block reference: the record builds the page from nothing. */
  static final int WILL_INIT = 0x40;

  /** Where all records end. */
  static final Lsn END = Lsn.of(0x1234_0000_5678L);

  private RecordOnPage() {}

  /** Returns a page of zeros, as a record that builds it is given. */
  static Page zeros() {
    return new Page(new byte[Page.BYTES]);
  }

  static RecordView view(RecordMaker record, PgVersion version, long block) {
    RecordView view = new RecordView();
    view.read(PgKeys.block(1663, 5, 16384, 0, block), record.parse(version).toValue(), END);
    return view;
  }

  /** Applies the record to the page with this block number. */
  static void redo(RecordRedo redo, RecordMaker record, long block, Page page) {
    redo(redo, record, PgVersion.V18, block, page);
  }

  static void redo(RecordRedo redo, RecordMaker record, PgVersion version, long block, Page page) {
    if (redo.redo(view(record, version, block), page) != RecordRedo.LsnStamp.SET) {
      throw new AssertionError("page is not stamped");
    }
  }

  /** Returns an index tuple of this length, filled with one value. */
  static byte[] tuple(int length, int fill) {
    byte[] tuple = new byte[length];
    Arrays.fill(tuple, (byte) fill);
    tuple[6] = (byte) length;
    tuple[7] = (byte) (length >>> 8);
    return tuple;
  }

  /** Returns the bytes of an item. */
  static byte[] item(Page page, int offsetNumber) {
    int at = page.itemOffset(offsetNumber);
    return Arrays.copyOfRange(page.bytes(), at, at + page.itemLength(offsetNumber));
  }
}
