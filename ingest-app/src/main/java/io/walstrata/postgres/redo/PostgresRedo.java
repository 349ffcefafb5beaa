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
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Makes PostgreSQL's pages as its own recovery makes them, byte for byte but for checksum, hole and
 * padding. Thread-safe.
 */
public final class PostgresRedo implements PageRedo {
  private final HintLogging hintLogging = new HintLogging();

  @Override
  public RedoResult redo(RedoRequest request) throws IOException {
    PageKind kind = PageKind.of(request.key());
    if (kind == PageKind.NONE) {
      return refused(request, Lsn.INVALID, Reason.NOT_A_PAGE, "the key is not that of a page");
    }
    if (request.base() == null && request.records().isEmpty()) {
      return withoutVersions(request);
    }
    byte[] start = start(request);
    if (start == null) {
      return refused(
          request,
          request.records().get(0).lsn(),
          Reason.MISSING_BASE,
          "history begins after the page that this record changes");
    }
    if (kind.hasPageLength() && start.length != Page.BYTES) {
      return refused(
          request,
          request.base() == null ? Lsn.INVALID : request.base().lsn(),
          Reason.DAMAGED_RECORD,
          "image is not a page: bytes=" + start.length);
    }
    return new Replay(request, start, hintLogging).run();
  }

  /** Returns a copy of the page to start from; null if it is not known. */
  private static byte @Nullable [] start(RedoRequest request) {
    Version base = request.base();
    if (base != null) {
      return base.value().bytes().clone();
    }
    return request.records().get(0).value().kind().needsOlder() ? null : new byte[Page.BYTES];
  }

  /**
   * Writes the checksum into a page that has a place for one: one of a relation, unless it is new.
   *
   * @param isComputed whether to compute it; otherwise it is 0, as in a cluster without checksums
   */
  public static void writeChecksum(PageKey key, byte[] bytes, boolean isComputed) {
    Page page = new Page(bytes);
    boolean hasHeader =
        switch (PageKind.of(key)) {
          case RELATION, FREE_SPACE_MAP, VISIBILITY_MAP -> true;
          case SLRU, RELATION_MAP, TWO_PHASE, NONE -> false;
        };
    if (hasHeader && bytes.length == Page.BYTES && !page.isNew()) {
      page.setChecksum(isComputed ? PageChecksum.of(page, key.block()) : 0);
    }
  }

  private static RedoResult withoutVersions(RedoRequest request) {
    Lsn droppedAt = request.droppedAt();
    return droppedAt != null
        ? new RedoResult.Absent("dropped at " + droppedAt)
        : refused(
            request, Lsn.INVALID, Reason.BEFORE_HISTORY, "history has no version of the page");
  }

  private static RedoResult refused(RedoRequest request, Lsn lsn, Reason reason, String detail) {
    return new RedoResult.Refused(request.key(), lsn, reason, detail);
  }
}
