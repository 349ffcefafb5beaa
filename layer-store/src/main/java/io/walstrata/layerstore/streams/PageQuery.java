package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ReadLimit;
import io.walstrata.layerstore.page.TimelineId;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.streams.query.Query;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a page as of an LSN: what redo needs to build it. Immutable.
 *
 * <pre>{@code
 * var query = PageQuery.withKey(timeline, key).asOf(Lsn.parse("16/B374D848"));
 * var request = StateQueryRequest.inStore("layers-wal").withQuery(query);
 * StateQueryResult<ReconstructData> result = kafkaStreams.query(request);
 * }</pre>
 *
 * <p>A timeline lives in one partition; the others answer {@link
 * LayerQueryFailure.Kind#UNKNOWN_TIMELINE}. An LSN that the timeline has not reached is answered by
 * {@link LayerQueryFailure.Kind#LSN_NOT_REACHED}, never with older data. A page of which history
 * knows nothing at or below the LSN is answered with {@link ReconstructData.Status#BEFORE_HISTORY}
 * and the LSN where history begins: it may be older.
 */
public final class PageQuery implements Query<ReconstructData> {
  private final TimelineId timeline;
  private final PageKey key;
  private final @Nullable Lsn asOf;

  private final ReadLimit limit;

  private PageQuery(TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    this.timeline = Objects.requireNonNull(timeline, "timeline");
    this.key = Objects.requireNonNull(key, "key");
    this.asOf = asOf;
    this.limit = Objects.requireNonNull(limit, "limit");
  }

  /** Returns a query for the page as of the last LSN that the timeline has reached. */
  public static PageQuery withKey(TimelineId timeline, PageKey key) {
    return new PageQuery(timeline, key, null, ReadLimit.NONE);
  }

  /** Returns this query with an LSN, inclusive. */
  public PageQuery asOf(Lsn lsn) {
    return new PageQuery(timeline, key, Objects.requireNonNull(lsn, "lsn"), limit);
  }

  /**
   * Returns this query with a limit on the heap that its answer takes. It is asked by the thread
   * that queries; a refusal is answered by {@link LayerQueryFailure.Kind#LIMIT_EXCEEDED}.
   */
  public PageQuery within(ReadLimit readLimit) {
    return new PageQuery(timeline, key, asOf, readLimit);
  }

  public ReadLimit limit() {
    return limit;
  }

  public TimelineId timeline() {
    return timeline;
  }

  public PageKey key() {
    return key;
  }

  /** Returns the LSN that is asked for; empty for the last one that the timeline has reached. */
  public Optional<Lsn> asOf() {
    return Optional.ofNullable(asOf);
  }

  @Override
  public String toString() {
    return "PageQuery(timeline="
        + timeline
        + ", key="
        + key
        + ", asOf="
        + (asOf == null ? "last" : asOf)
        + ")";
  }
}
