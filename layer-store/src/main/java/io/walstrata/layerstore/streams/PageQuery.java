package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.streams.query.Query;
import org.jspecify.annotations.Nullable;

/**
 * Queries the reconstruct data of a page as of an LSN; {@link #withRedo} queries the page itself.
 * Immutable.
 *
 * <pre>{@code
 * var query = PageQuery.withKey(timeline, key).asOf(Lsn.parse("16/B374D848"));
 * var request = StateQueryRequest.inStore("layers-wal").withQuery(query);
 * StateQueryResult<ReadAnswer<ReconstructData>> result = kafkaStreams.query(request);
 * }</pre>
 *
 * <p>A timeline is in one partition; the others answer {@link ReadAnswer.UnknownTimeline}. An LSN
 * above the timeline's last one is answered with {@link ReadAnswer.NotReached}, never with older
 * data. A page of which history has nothing at or before the LSN is answered with {@link
 * ReadAnswer.BeforeHistory} and the LSN where history begins: the page may be older.
 *
 * <p>All of these are results of a query that succeeded. A query fails, with a {@link
 * org.apache.kafka.streams.query.FailureReason}, if a partition cannot be asked: {@code
 * NOT_PRESENT} if its store is not open.
 */
public final class PageQuery implements Query<ReadAnswer<ReconstructData>> {
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

  /** Returns a query for the page as of the timeline's last LSN. */
  public static PageQuery withKey(TimelineId timeline, PageKey key) {
    return new PageQuery(timeline, key, null, ReadLimit.NONE);
  }

  /** Returns this query with an LSN, inclusive. */
  public PageQuery asOf(Lsn lsn) {
    return new PageQuery(timeline, key, Objects.requireNonNull(lsn, "lsn"), limit);
  }

  /**
   * Returns this query with a limit on the heap that its answer takes. The limit is called by the
   * thread that queries; if it refuses, the answer is {@link ReadAnswer.Failed} with its exception.
   */
  public PageQuery within(ReadLimit readLimit) {
    return new PageQuery(timeline, key, asOf, readLimit);
  }

  /** Returns a query for the page itself, which the store's redo makes. */
  public RedoPageQuery withRedo() {
    return new RedoPageQuery(this);
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

  /** Returns the LSN of the query; empty for the timeline's last one. */
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
