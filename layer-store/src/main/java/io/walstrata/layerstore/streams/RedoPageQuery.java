package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import org.apache.kafka.streams.query.Query;

/**
 * Queries a page as of an LSN, made by redo; from {@link PageQuery#withRedo}. Immutable.
 *
 * <pre>{@code
 * var query = PageQuery.withKey(timeline, key).asOf(Lsn.parse("16/B374D848")).withRedo();
 * var request = StateQueryRequest.inStore("layers-wal").withQuery(query);
 * StateQueryResult<ReadAnswer<PageRead>> result = kafkaStreams.query(request);
 * }</pre>
 *
 * <p>Answers as {@link PageQuery} does, but for two cases: a page that was dropped, or of which
 * history has nothing, is {@link ReadAnswer.Found} too, since only redo knows whether it is absent.
 * So is a page that cannot be made; {@link PageRead#result} states which it is. If the store was
 * opened without redo, the query fails: {@code UNKNOWN_QUERY_TYPE}.
 */
public final class RedoPageQuery implements Query<ReadAnswer<PageRead>> {
  private final PageQuery page;

  RedoPageQuery(PageQuery page) {
    this.page = page;
  }

  /** Returns which page is queried, as of which LSN, and with which limit. */
  public PageQuery page() {
    return page;
  }

  @Override
  public String toString() {
    return "RedoPageQuery(" + page + ")";
  }
}
