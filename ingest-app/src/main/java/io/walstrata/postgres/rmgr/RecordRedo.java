package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.BlockView;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;

/**
 * Replays the records of one resource manager: one record on one page, whatever other pages the
 * record changes. The page is then, byte for byte, what PostgreSQL's own recovery makes of it, but
 * for its checksum and for bytes that belong to nothing: the hole and the padding of items.
 * Stateless.
 */
@FunctionalInterface
public interface RecordRedo {
  /** Whether {@code pd_lsn} becomes the record's end. The caller does that. */
  enum LsnStamp {
    /** It does, as for nearly all changes. */
    SET,
    /** It stays: the page has no {@code pd_lsn}, or the change is not worth one. */
    KEEP,
    /** It does if hint bits are logged: with data checksums, or {@code wal_log_hints}. */
    SET_IF_HINTS_ARE_LOGGED
  }

  /**
   * Applies a record to a page. Not called for a page whose image is in the record.
   *
   * @param record its {@link RecordView#key()} is the page; its {@link RecordView#block()} the
   *     reference to it, null for a page that the record changes without one
   * @param page as it was before the record; zeros if the record builds it from nothing
   * @throws RedoException if it cannot be replayed
   * @throws PageException if the page is not as the record requires
   * @throws WalException if the record's contents are damaged
   */
  LsnStamp redo(RecordView record, Page page);

  /**
   * Returns whether a page that is not there yet is the one that this record changes: the record
   * builds the page from nothing, or changes one of zeros. By default a record does if its
   * reference states so, or brings the whole page.
   *
   * @throws WalException if the record's contents are damaged
   */
  default boolean startsFromNothing(RecordView record) {
    BlockView block = record.block();
    return block != null && (block.willInit() || block.isImageApplied());
  }

  /**
   * Changes a page further after the image of it in the record was restored and stamped: what the
   * server did to the page after the image was taken. By default nothing.
   *
   * @param record its {@link RecordView#block()} has the image
   * @throws PageException if the page is not as the record requires
   * @throws WalException if the record's contents are damaged
   */
  default void afterImage(RecordView record, Page page) {}

  /** Returns the exception for a record that cannot be replayed on this page. */
  static RedoException unsupported(RecordView record) {
    return new RedoException(
        "no redo for this record on this page: rmgr="
            + record.rmgrId()
            + ", info="
            + record.info()
            + ", version="
            + record.version().major());
  }
}
