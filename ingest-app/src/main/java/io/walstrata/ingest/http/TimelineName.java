package io.walstrata.ingest.http;

import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The name of a timeline in a request: its id, the first digits of its id, or {@code -} for the
 * only timeline.
 *
 * @param id null if the name has to be resolved among all timelines
 */
record TimelineName(String text, @Nullable TimelineId id) {
  private static final String ONLY = "-";
  private static final int MATCHES_SHOWN = 10;

  /**
   * Parses a segment of a path.
   *
   * @throws ApiException if it is not a name
   */
  static TimelineName parse(String segment) {
    if (segment.length() == 2 * TimelineId.BYTES) {
      try {
        return new TimelineName(segment, TimelineId.parse(segment));
      } catch (IllegalArgumentException e) {
        throw Errors.badTimeline(segment);
      }
    }
    boolean isPrefix =
        !segment.isEmpty()
            && segment.length() < 2 * TimelineId.BYTES
            && segment.chars().allMatch(java.util.HexFormat::isHexDigit);
    if (!isPrefix && !segment.equals(ONLY)) {
      throw Errors.badTimeline(segment);
    }
    return new TimelineName(segment, null);
  }

  /**
   * Returns the timeline with this name.
   *
   * @throws ApiException if none has it, or several
   */
  TimelineId among(List<Answers.Timeline> timelines) {
    String prefix = text.equals(ONLY) ? "" : text.toLowerCase(Locale.ROOT);
    List<String> matches =
        timelines.stream()
            .map(Answers.Timeline::timeline)
            .filter(each -> each.startsWith(prefix))
            .toList();
    if (matches.isEmpty()) {
      throw Errors.noSuchTimeline(text);
    }
    if (matches.size() > 1) {
      throw Errors.ambiguousTimeline(
          text, matches.size(), matches.subList(0, Math.min(MATCHES_SHOWN, matches.size())));
    }
    return TimelineId.parse(matches.get(0));
  }
}
