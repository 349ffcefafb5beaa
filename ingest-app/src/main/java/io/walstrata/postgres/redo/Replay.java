package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.rmgr.RedoException;
import io.walstrata.postgres.rmgr.ResourceManagers;
import io.walstrata.postgres.wal.BlockView;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The replay of one page's records, oldest first. For one thread, once. */
final class Replay {
  private final RedoRequest request;
  private final Page page;
  private final HintLogging hintLogging;
  private final RecordView record = new RecordView();
  private final List<String> assumptions = new ArrayList<>(0);
  private int applied;

  /**
   * @param start the page before the first record; written to
   */
  Replay(RedoRequest request, byte[] start, HintLogging hintLogging) {
    this.request = request;
    this.page = new Page(start);
    this.hintLogging = hintLogging;
  }

  RedoResult run() throws IOException {
    for (Version version : request.records()) {
      try {
        record.read(request.key(), version.value().bytes(), version.lsn());
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

  private void apply() throws IOException {
    BlockView block = record.block();
    if (block == null) {
      redo();
    } else if (block.isImageApplied()) {
      record.restoreImage(block, page.bytes());
      applied++;
      if (!page.isNew()) {
        page.setLsn(record.endLsn().value());
      }
    } else if (block.willInit()) {
      page.clear();
      redo();
    } else if (page.isNew() && block.fork() != PgKeys.VM_FORK) {
      throw new PageException("the page was never initialised");
    } else if (page.isNew() || Long.compareUnsigned(page.lsn(), record.endLsn().value()) < 0) {
      // Otherwise the page has the change: it was copied while the server was running.
      redo();
    }
  }

  private void redo() throws IOException {
    switch (ResourceManagers.redo(record.rmgrId()).redo(record, page)) {
      case SET -> page.setLsn(record.endLsn().value());
      case KEEP -> {}
      case SET_IF_HINTS_ARE_LOGGED -> {
        if (hintLogging.isOn(request.source(), record, assumptions)) {
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
