package io.walstrata.ingest.http;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads over all partitions that this instance holds. Called by many threads at once.
 *
 * <p>Every read calls its limit before it loads bytes; if the limit refuses, the answer is {@link
 * ReadAnswer.Failed} with the limit's exception.
 */
public interface LayerReads {
  /** Returns the timelines of all partitions, in no order; one that is in several for each. */
  ReadAnswer<List<Located>> timelines(ReadLimit limit);

  /**
   * A timeline and where it is.
   *
   * @param partition {@code TOPIC-NUMBER}
   */
  record Located(String partition, TimelineInfo info) {}

  /**
   * Returns the LSN from which on a timeline's pages are consistent with each other; empty if they
   * are from its beginning on, or if that is not known.
   */
  default Optional<Lsn> consistentFrom(TimelineId timeline, ReadLimit limit) {
    return Optional.empty();
  }

  /** Returns a timeline's layers, oldest first. */
  ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit);

  /**
   * Reads a page. It is found if it can be built, or if only its base is missing.
   *
   * @param asOf inclusive; null for the last LSN that the timeline has reached
   */
  ReadAnswer<ReconstructData> page(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit);

  /**
   * Reads a page with redo. It is found also if redo made none; its result states why.
   *
   * @param asOf inclusive; null for the last LSN that the timeline has reached
   */
  ReadAnswer<PageRead> redonePage(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit);
}
