package io.walstrata.ingest.http;

import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.redo.RedoResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers of an answer that is a page's bytes. */
final class PageHeaders {
  private static final String TIMELINE = "Walstrata-Timeline";
  private static final String KEY = "Walstrata-Key";
  private static final String AS_OF = "Walstrata-As-Of";
  private static final String VERSION_LSN = "Walstrata-Version-Lsn";
  private static final String BASE_LSN = "Walstrata-Base-Lsn";
  private static final String RECORDS = "Walstrata-Records-Applied";
  private static final String LAYERS = "Walstrata-Layers-Asked";
  private static final String CACHE = "Walstrata-Cache";
  private static final String ASSUMED = "Walstrata-Assumed";

  /** All of them. */
  static final List<String> NAMES =
      List.of(TIMELINE, KEY, AS_OF, VERSION_LSN, BASE_LSN, RECORDS, LAYERS, CACHE, ASSUMED);

  private PageHeaders() {}

  /** Returns the headers, name to value. */
  static Map<String, String> of(PageRead read, RedoResult.Page page) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(TIMELINE, read.timeline().toString());
    headers.put(KEY, read.key().toString());
    headers.put(AS_OF, read.asOf().toString());
    put(VERSION_LSN, read.newestLsn(), headers);
    put(BASE_LSN, read.baseLsn(), headers);
    headers.put(RECORDS, String.valueOf(page.recordsApplied()));
    headers.put(LAYERS, String.valueOf(read.cost().layersAsked()));
    headers.put(CACHE, read.isFromCache() ? "hit" : "miss");
    if (!page.assumptions().isEmpty()) {
      headers.put(ASSUMED, String.join("; ", page.assumptions()));
    }
    return headers;
  }

  private static void put(String name, @Nullable Lsn lsn, Map<String, String> headers) {
    if (lsn != null) {
      headers.put(name, lsn.toString());
    }
  }
}
