package io.walstrata.ingest.status;

import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.TimelineId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds timelines that are in more than one partition of this instance: their producer does not
 * keep them in one. One thread calls {@link #check}; any may ask.
 */
public final class SplitTimelines {
  private static final Logger LOG = LoggerFactory.getLogger(SplitTimelines.class);

  /** More would only fill the log; the count is in each warning. */
  private static final int NAMED = 5;

  private volatile List<String> warnings = List.of();

  /** Compares the timelines of all partitions; logs what is new. */
  public void check(List<PartitionReading> partitions) {
    Map<TimelineId, String> first = new HashMap<>();
    Map<TimelineId, Set<String>> split = new TreeMap<>();
    for (PartitionReading partition : partitions) {
      String place = partition.status().topic() + "-" + partition.status().partition();
      for (TimelineInfo each : partition.timelines()) {
        String other = first.putIfAbsent(each.timeline(), place);
        if (other != null) {
          split
              .computeIfAbsent(each.timeline(), timeline -> new TreeSet<>(Set.of(other)))
              .add(place);
        }
      }
    }
    List<String> now = new ArrayList<>();
    split.forEach(
        (timeline, places) -> {
          if (now.size() < NAMED) {
            now.add(
                "a timeline is in several partitions, each of which has a part of it: timeline="
                    + timeline
                    + ", partitions="
                    + places
                    + ", timelinesLikeThis="
                    + split.size());
          }
        });
    if (!now.equals(warnings)) {
      now.forEach(LOG::warn);
      warnings = List.copyOf(now);
    }
  }

  /** Returns a warning for each, as of the last check. */
  public List<String> warnings() {
    return warnings;
  }
}
