package io.walstrata.layerstore;

import io.walstrata.layerstore.page.FreezeReason;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a store holds that is not durable yet, and what making it durable took since the store was
 * claimed.
 *
 * @param openHeapBytes heap that the open layers take: index, buffer, and what writing them out
 *     will take
 * @param openValueBytes bytes of their values, which are in the ephemeral file
 * @param frozenHeapBytes the same of the frozen layers
 * @param frozenValueBytes the same of the frozen layers
 * @param frozenLayers layers that wait for their files
 * @param freezes freeze points that froze layers, by reason; all reasons are there
 * @param flushes freeze points whose files are written
 * @param flushNanos what writing them took, failed tries and waits between them included
 * @param lastFlushNanos what writing the last one took; 0 if there is none
 * @param syncNanos how long the home's syncs have taken since it was opened, together; those made
 *     while a long file is written overlap with other work
 * @param heldNanos how long the writer was held because too many frozen layers wait for their
 *     files, or too much memory is taken
 */
public record WriteStats(
    long openHeapBytes,
    long openValueBytes,
    long frozenHeapBytes,
    long frozenValueBytes,
    int frozenLayers,
    Map<FreezeReason, Long> freezes,
    long flushes,
    long flushNanos,
    long lastFlushNanos,
    long syncNanos,
    long heldNanos) {
  /** Nothing was written: of a store that has no writer. */
  public static final WriteStats NONE = new WriteStats(0, 0, 0, 0, 0, noFreezes(), 0, 0, 0, 0, 0);

  private static Map<FreezeReason, Long> noFreezes() {
    Map<FreezeReason, Long> freezes = new EnumMap<>(FreezeReason.class);
    for (FreezeReason reason : FreezeReason.values()) {
      freezes.put(reason, 0L);
    }
    return Collections.unmodifiableMap(freezes);
  }
}
