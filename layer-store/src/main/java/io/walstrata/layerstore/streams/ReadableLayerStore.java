package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.io.IOException;
import java.util.List;

/**
 * Reads one partition's store from a processor that is connected to it. For any thread. From
 * outside the topology, use the queries ({@link PageQuery}).
 *
 * <p>Every method throws {@link org.apache.kafka.streams.errors.InvalidStateStoreException} when
 * the store is closed.
 */
public interface ReadableLayerStore {
  /**
   * Reads a page as of an LSN, inclusive.
   *
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if this partition has no such
   *     timeline
   * @throws io.walstrata.layerstore.page.LsnNotReachedException if {@code asOf} is above the
   *     timeline's last LSN
   * @throws io.walstrata.layerstore.page.CorruptLayerException if a layer file is damaged
   * @throws IOException if a layer cannot be read
   */
  ReconstructData get(TimelineId timeline, PageKey key, Lsn asOf) throws IOException;

  /** Returns the timelines of this partition, in the order of their ids. */
  List<TimelineInfo> timelines();

  /**
   * Returns a timeline's layers, oldest first.
   *
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if this partition has no such
   *     timeline
   */
  List<LayerDesc> layers(TimelineId timeline);

  /** Returns offsets, counters and failures. */
  LayerStoreStatus status();
}
