package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.redo.ForkSize.Bound;
import io.walstrata.postgres.redo.ForkSize.Known;
import io.walstrata.postgres.redo.ForkSize.None;
import io.walstrata.postgres.rmgr.DatabaseCopy;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a page begins as when none of its versions builds it: the same page of the database
 * that its own was copied from, a page of zeros, or no page.
 */
final class Beginnings {
  private final RedoRequest request;
  private final PageKind kind;
  private final PageSource source;
  private final RelationHistory history;

  Beginnings(RedoRequest request, PageKind kind) {
    this.request = request;
    this.kind = kind;
    source = request.source();
    history = new RelationHistory(source);
  }

  /**
   * Returns the page that the first version changes.
   *
   * @param first its LSN
   */
  RedoResult beforeFirst(Lsn first) throws IOException {
    DatabaseCopy copy = copy(first);
    if (copy != null) {
      RedoResult copied = source.page(copy.source(request.key()), copy.lsn());
      if (!(copied instanceof RedoResult.Absent) || kind != PageKind.VISIBILITY_MAP) {
        return copied;
      }
      return zeros();
    }
    // Recovery makes pages of a visibility map when it needs them.
    if (kind == PageKind.VISIBILITY_MAP
        && (request.droppedAt() != null || history.isComplete(request.key(), first))) {
      return zeros();
    }
    return refused(
        first, Reason.MISSING_BASE, "history begins after the page that this record changes");
  }

  /** Returns the page if it has no version. */
  RedoResult withoutVersions() throws IOException {
    DatabaseCopy copy = copy(request.asOf());
    if (copy != null) {
      RedoResult copied = source.page(copy.source(request.key()), copy.lsn());
      if (!(copied instanceof RedoResult.Absent)) {
        return copied instanceof RedoResult.Page page
            ? new RedoResult.Page(page.bytes(), 0, page.assumptions())
            : copied;
      }
    }
    return switch (kind) {
      case RELATION, VISIBILITY_MAP -> bySize(copy != null);
      case FREE_SPACE_MAP -> notLogged();
      default -> byTombstone();
    };
  }

  private RedoResult bySize(boolean isAbsentInSource) throws IOException {
    PageKey key = request.key();
    ForkSize size = ForkSizes.of(source, key, request.asOf());
    if (size instanceof None none) {
      return none.isUnknown() && request.droppedAt() != null ? byTombstone() : none.reason();
    }
    Known known = (Known) size;
    boolean isAfterEnd = key.block() >= known.blocks();
    if (isAfterEnd && known.bound() != Bound.AT_LEAST) {
      return new RedoResult.Absent("after the end of its file: blocks=" + known.blocks());
    }
    boolean isWhole =
        isAbsentInSource || request.droppedAt() != null || history.isComplete(key, request.asOf());
    if (known.bound() == Bound.EXACT && isWhole) {
      return zeros();
    }
    return refused(
        Lsn.INVALID,
        Reason.BEFORE_HISTORY,
        "history has no version of the page: blocks="
            + known.blocks()
            + ", bound="
            + known.bound());
  }

  private RedoResult notLogged() throws IOException {
    boolean isDropped =
        ForkSizes.of(source, request.key(), request.asOf()) instanceof None none
            && none.reason() instanceof RedoResult.Absent;
    return isDropped
        ? byTombstone()
        : refused(Lsn.INVALID, Reason.NOT_LOGGED, "changes of free space maps are not logged");
  }

  private RedoResult byTombstone() {
    Lsn droppedAt = request.droppedAt();
    return droppedAt != null
        ? new RedoResult.Absent("dropped at " + droppedAt)
        : refused(Lsn.INVALID, Reason.BEFORE_HISTORY, "history has no version of the page");
  }

  /**
   * Returns the copy of a database that made the page; null if none did, or it was dropped since.
   */
  private @Nullable DatabaseCopy copy(Lsn asOf) throws IOException {
    if (request.key().kind() != 0) {
      return null;
    }
    DatabaseCopy copy = history.copy(request.key(), asOf);
    Lsn droppedAt = request.droppedAt();
    return copy == null || (droppedAt != null && !droppedAt.isBefore(copy.lsn())) ? null : copy;
  }

  private static RedoResult zeros() {
    return new RedoResult.Page(new byte[Page.BYTES], 0, List.of());
  }

  private RedoResult refused(Lsn lsn, Reason reason, String detail) {
    return new RedoResult.Refused(request.key(), lsn, reason, detail);
  }
}
