package io.walstrata.ingest.avro;

import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import java.time.Duration;
import java.util.Set;

/**
 * Rules that a message must meet besides being decodable. Immutable.
 *
 * @param timelines those that messages may be of; empty for any. The nil id, 16 zero bytes, is
 *     never one: a producer that has set none sends it
 * @param unknownSchemaWait for how long after a message's timestamp the registry is asked for a
 *     schema that it does not know, once for each id; and how long all decoders wait for such ids
 *     at once; used time is available again after ten times as long
 */
public record DecodeRules(Set<TimelineId> timelines, Duration unknownSchemaWait) {
  private static final TimelineId NIL = new TimelineId(0, 0);

  /** Any timeline, and the registry's first answer. */
  public static final DecodeRules NONE = new DecodeRules(Set.of(), Duration.ZERO);

  public DecodeRules {
    timelines = Set.copyOf(timelines);
  }

  /** Returns the timeline if messages may be of it. */
  TimelineId check(TimelineId timeline) throws BadRecordException {
    if (timeline.equals(NIL)) {
      throw new BadRecordException(
          BadRecordReason.WRONG_TIMELINE, "the nil id is no timeline: timeline=" + timeline);
    }
    if (!timelines.isEmpty() && !timelines.contains(timeline)) {
      throw new BadRecordException(
          BadRecordReason.WRONG_TIMELINE, "not one of wal.timelines: timeline=" + timeline);
    }
    return timeline;
  }
}
