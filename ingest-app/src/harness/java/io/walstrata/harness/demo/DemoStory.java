package io.walstrata.harness.demo;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;

/**
 * The page that the demo reads, and when.
 *
 * @param page what the key names, in words
 * @param source what {@link Moment#newest} was taken from, in words
 * @param moments oldest first
 */
record DemoStory(
    TimelineId timeline, PageKey key, String page, String source, List<Moment> moments) {
  DemoStory {
    moments = List.copyOf(moments);
  }

  /** Returns the key as people write it. */
  String dottedKey() {
    return key.spc() + "." + key.db() + "." + key.rel() + "." + key.fork() + "." + key.block();
  }
}
