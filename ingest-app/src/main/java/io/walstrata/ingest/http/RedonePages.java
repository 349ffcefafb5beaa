package io.walstrata.ingest.http;

import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.redo.RedoResult;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Pages in JSON, beside what they were made from. */
final class RedonePages {
  /** What a page in base64 takes of the heap with its copies, for each of its bytes. */
  private static final long HEAP_BYTES_PER_BYTE = 8;

  private RedonePages() {}

  /** What redo needs, and what it made of that. */
  record Both(ReconstructData data, PageRead read) {}

  /** Reads both as of the same LSN. */
  static ReadAnswer<Both> read(
      LayerReads reads, TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    return reads
        .page(timeline, key, asOf, limit)
        .flatMap(
            data ->
                reads
                    .redonePage(timeline, key, data.asOf(), limit)
                    .map(read -> new Both(data, read)));
  }

  /** Returns what the page takes of the heap while the answer is made. */
  static long heapBytes(PageRead read) {
    return read.result() instanceof RedoResult.Page page
        ? HEAP_BYTES_PER_BYTE * page.bytes().length
        : 0;
  }

  static Answers.RedonePage json(PageRead read) {
    @Nullable String lsn = read.newestLsn() == null ? null : read.newestLsn().toString();
    if (read.result() instanceof RedoResult.Page page) {
      return new Answers.RedonePage(
          lsn,
          page.bytes().length,
          page.recordsApplied(),
          read.isFromCache(),
          page.assumptions(),
          Base64.getEncoder().encodeToString(page.bytes()),
          null);
    }
    return new Answers.RedonePage(lsn, null, null, null, null, null, Errors.noPage(read));
  }
}
