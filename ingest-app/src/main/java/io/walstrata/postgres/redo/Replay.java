package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.rmgr.RecordRedo;
import io.walstrata.postgres.rmgr.RedoException;
import io.walstrata.postgres.rmgr.ResourceManagers;
import io.walstrata.postgres.wal.BlockView;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The replay of one page's records, oldest first. For one thread, once. */
final class Replay {
  private final RedoRequest request;
  private final PageKind kind;
  private final Page page;
  private final HintLogging hintLogging;
  private final RecordView record = new RecordView();
  private final List<String> assumptions = new ArrayList<>(0);
  private boolean isStarted;
  private int applied;

  /**
   * @param start the page before the first record, written to; null if the first record builds it,
   *     or if it has to be looked for
   */
  Replay(RedoRequest request, PageKind kind, byte @Nullable [] start) {
    this.request = request;
    this.kind = kind;
    isStarted = start != null;
    page = new Page(start == null ? new byte[0] : start);
    // Not as of the request: what is read up to the newest record is the same for all later ones.
    Version newest = RelationHistory.newest(request);
    hintLogging = new HintLogging(request.source(), newest == null ? request.asOf() : newest.lsn());
  }

  RedoResult run() throws IOException {
    for (Version version : request.records()) {
      try {
        record.read(request.key(), version.value().bytes(), version.lsn());
        if (!isStarted) {
          RedoResult none = start(version);
          if (none != null) {
            return none;
          }
          isStarted = true;
        }
        if (kind == PageKind.FREE_SPACE_MAP && !isImage()) {
          return refused(
              version.lsn(), Reason.NOT_LOGGED, "the page was changed after its last image");
        }
        apply();
      } catch (WalException e) {
        return refused(version.lsn(), Reason.DAMAGED_RECORD, e.reason());
      } catch (RedoException e) {
        return refused(version.lsn(), Reason.UNSUPPORTED_RECORD, e.reason());
      } catch (PageException e) {
        return refused(version.lsn(), Reason.DOES_NOT_FIT, where(e.reason()));
      }
    }
    return new RedoResult.Page(page.bytes(), applied, assumptions);
  }

  /** Finds the page that the first record changes; returns why there is none, null if there is. */
  private @Nullable RedoResult start(Version first) throws IOException {
    if (ResourceManagers.redo(record.rmgrId()).startsFromNothing(record)) {
      page.replace(new byte[Page.BYTES]);
      return null;
    }
    // The copy of a database states that the map is the source's: the first page is that one.
    if (!first.value().kind().needsOlder() && record.rmgrId() != Rmgr.DATABASE.id()) {
      return refused(
          first.lsn(),
          Reason.DAMAGED_RECORD,
          where("the version is marked as one that needs no older one, but its record needs one"));
    }
    RedoResult before = new Beginnings(request, kind).beforeFirst(first.lsn());
    if (before instanceof RedoResult.Page found) {
      page.replace(found.bytes());
      assumptions.addAll(found.assumptions());
      return null;
    }
    return before instanceof RedoResult.Absent absent
        ? refused(
            first.lsn(),
            Reason.MISSING_BASE,
            "the database that this one was copied from does not have the page: " + absent.why())
        : before;
  }

  private boolean isImage() {
    BlockView block = record.block();
    return block != null && block.isImageApplied();
  }

  private void apply() throws IOException {
    BlockView block = record.block();
    if (block == null) {
      redo();
    } else if (!kind.hasPageLength()) {
      throw RecordRedo.unsupported(record);
    } else if (block.isImageApplied()) {
      record.restoreImage(block, page.bytes());
      applied++;
      if (!page.isNew()) {
        page.setLsn(record.endLsn().value());
        ResourceManagers.redo(record.rmgrId()).afterImage(record, page);
      }
    } else if (block.willInit()) {
      build(block);
    } else if (page.isNew() && block.fork() != PgKeys.VM_FORK) {
      throw new PageException("the page was never initialised");
    } else if (page.isNew() || Long.compareUnsigned(page.lsn(), record.endLsn().value()) < 0) {
      // Otherwise the page has the change: it was copied while the server was running.
      redo();
    }
  }

  /** Applies a record that is marked as one that builds the page from nothing. */
  private void build(BlockView block) throws IOException {
    page.clear();
    // No record builds a page of a map: its bits are those of many records.
    if (block.fork() != PgKeys.VM_FORK) {
      redo();
    }
    if (page.isNew()) {
      throw new PageException("the record is marked as one that builds the page, but does not");
    }
  }

  private void redo() throws IOException {
    switch (ResourceManagers.redo(record.rmgrId()).redo(record, page)) {
      case SET -> page.setLsn(record.endLsn().value());
      case KEEP -> {}
      case SET_IF_HINTS_ARE_LOGGED -> {
        if (hintLogging.isOn(record, assumptions)) {
          page.setLsn(record.endLsn().value());
        }
      }
    }
    applied++;
  }

  private String where(String reason) {
    return reason
        + ", rmgr="
        + record.rmgrId()
        + ", info="
        + record.info()
        + ", version="
        + record.version().major();
  }

  private RedoResult refused(Lsn lsn, Reason reason, String detail) {
    return new RedoResult.Refused(request.key(), lsn, reason, detail);
  }
}
