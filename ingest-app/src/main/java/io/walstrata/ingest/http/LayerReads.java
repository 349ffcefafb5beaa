package io.walstrata.ingest.http;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ReadLimit;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads over all partitions that this instance holds. Called by many threads at once.
 *
 * <p>Every method may throw {@link NotReadyException} if a partition that could have the answer
 * cannot be asked at the moment, and {@link io.walstrata.layerstore.page.CorruptLayerException} if
 * a file is damaged. Each asks a limit before it loads bytes, and throws what that throws.
 */
public interface LayerReads {
  /** Returns the timelines of all partitions, in no order; one that is in several for each. */
  List<Located> timelines(ReadLimit limit) throws IOException;

  /**
   * A timeline and where it is.
   *
   * @param partition {@code TOPIC-NUMBER}
   */
  record Located(String partition, TimelineInfo info) {}

  /**
   * Returns a timeline's layers, oldest first.
   *
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if no partition has it
   * @throws SplitTimelineException if several of those that can be asked have it
   */
  List<LayerDesc> layers(TimelineId timeline, ReadLimit limit) throws IOException;

  /**
   * Reads a page.
   *
   * @param asOf inclusive; null for the last LSN that the timeline has reached
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if no partition has the timeline
   * @throws SplitTimelineException if several of those that can be asked have it, whether they have
   *     reached {@code asOf} or not
   * @throws io.walstrata.layerstore.page.LsnNotReachedException if {@code asOf} is above its last
   *     LSN
   */
  ReconstructData page(TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit)
      throws IOException;
}
