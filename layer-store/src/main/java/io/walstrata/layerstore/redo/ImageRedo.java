package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.Version;
import java.util.List;

/**
 * Returns the newest image of a page, for logs in which each version is a whole page. A WAL record
 * is refused.
 */
public final class ImageRedo implements PageRedo {
  @Override
  public RedoResult redo(RedoRequest request) {
    if (!request.records().isEmpty()) {
      Version record = request.records().get(0);
      return new RedoResult.Refused(
          request.key(),
          record.lsn(),
          RedoResult.Reason.UNSUPPORTED_RECORD,
          "a WAL record where only images are replayed: bytes=" + record.value().bytes().length);
    }
    Version image = request.base();
    return image == null
        ? NoPage.of(request)
        : new RedoResult.Page(image.value().bytes().clone(), 0, List.of());
  }
}
