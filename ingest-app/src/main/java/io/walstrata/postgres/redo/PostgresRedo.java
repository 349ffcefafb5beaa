package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageRedo;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageChecksum;
import io.walstrata.postgres.rmgr.RedoException;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalException;
import java.io.IOException;

/**
 * Makes PostgreSQL's pages as its own recovery makes them, byte for byte but for checksum, hole and
 * padding. For the key of a fork's size it returns the size, see {@link ForkSize#of(RedoResult)}.
 * Thread-safe.
 */
public final class PostgresRedo implements PageRedo {
  @Override
  public RedoResult redo(RedoRequest request) throws IOException {
    PageKind kind = PageKind.of(request.key());
    if (kind == PageKind.NONE) {
      return refused(request, Lsn.INVALID, Reason.NOT_A_PAGE, "the key is not that of a page");
    }
    if (kind == PageKind.SIZE) {
      return ForkSizes.of(request.source(), request.key(), request.asOf()).toResult();
    }
    try {
      return isWithoutVersions(request, kind)
          ? withoutVersions(request, kind)
          : fromVersions(request, kind);
    } catch (WalException e) {
      // Of a version on another key that redo needs: a size, a directory, the control file.
      return refused(request, e.lsn(), Reason.DAMAGED_RECORD, e.reason());
    } catch (RedoException e) {
      return refused(request, Lsn.INVALID, Reason.UNSUPPORTED_RECORD, e.reason());
    }
  }

  private static boolean isWithoutVersions(RedoRequest request, PageKind kind) {
    return kind == PageKind.VISIBILITY_MAP
        ? ForkSizes.isOnlyTruncated(request)
        : request.base() == null && request.records().isEmpty();
  }

  private static RedoResult withoutVersions(RedoRequest request, PageKind kind) throws IOException {
    RedoResult found = new Beginnings(request, kind).withoutVersions();
    // A truncation changes the page of a copied database, although it makes none.
    return found instanceof RedoResult.Page page && !request.records().isEmpty()
        ? new Replay(request, kind, page.bytes()).run()
        : found;
  }

  private static RedoResult fromVersions(RedoRequest request, PageKind kind) throws IOException {
    Version base = request.base();
    if (base != null && kind.hasPageLength() && base.value().bytes().length != Page.BYTES) {
      return refused(
          request,
          base.lsn(),
          Reason.DAMAGED_RECORD,
          "image is not a page: bytes=" + base.value().bytes().length);
    }
    byte[] start = base == null ? null : base.value().bytes().clone();
    RedoResult made = new Replay(request, kind, start).run();
    return kind == PageKind.SLRU
            && request.key().spc() == Slru.COMMIT_TS.id()
            && made instanceof RedoResult.Page page
        ? CommitTimestamps.add(request, page)
        : made;
  }

  /**
   * Writes the checksum into a page that has a place for one: one of a relation, unless it is new
   * or has another layout than PostgreSQL's pages.
   *
   * @param isComputed whether to compute it; otherwise it is 0, as in a cluster without checksums
   */
  public static void writeChecksum(PageKey key, byte[] bytes, boolean isComputed) {
    Page page = new Page(bytes);
    boolean hasHeader =
        switch (PageKind.of(key)) {
          case RELATION, FREE_SPACE_MAP, VISIBILITY_MAP -> true;
          case SLRU, RELATION_MAP, TWO_PHASE, SIZE, NONE -> false;
        };
    if (hasHeader && page.hasLayout()) {
      page.setChecksum(isComputed ? PageChecksum.of(page, key.block()) : 0);
    }
  }

  private static RedoResult refused(RedoRequest request, Lsn lsn, Reason reason, String detail) {
    return new RedoResult.Refused(request.key(), lsn, reason, detail);
  }
}
