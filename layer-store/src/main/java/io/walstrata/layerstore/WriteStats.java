package io.walstrata.layerstore;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * How much a store holds that is not durable yet, and how long making it durable has taken since
 * the store was claimed.
 *
 * @param openHeapBytes heap that the open layers take: index, buffer, and the heap that writing
 *     them will need
 * @param openValueBytes bytes of their values in the ephemeral file
 * @param frozenHeapBytes heap that the frozen layers take
 * @param frozenValueBytes bytes of their values in the ephemeral file
 * @param frozenLayers layers whose files are not written yet
 * @param freezes freeze points that froze layers, by reason; every reason has a number
 * @param flushes freeze points whose files are written
 * @param flushNanos how long writing them took, failed attempts and the pauses between them
 *     included
 * @param lastFlushNanos how long writing the last one took; 0 if there is none
 * @param syncNanos how long the home's syncs have taken since it was opened, together; those made
 *     while a long file is written overlap with other work
 * @param heldNanos how long the writer was held because of {@link LayerStoreOptions#maxFrozen()} or
 *     of the memory budget
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
  /** The stats of a store that has no writer: all are 0. */
  public static final WriteStats NONE = new WriteStats(0, 0, 0, 0, 0, noFreezes(), 0, 0, 0, 0, 0);

  private static Map<FreezeReason, Long> noFreezes() {
    Map<FreezeReason, Long> freezes = new EnumMap<>(FreezeReason.class);
    for (FreezeReason reason : FreezeReason.values()) {
      freezes.put(reason, 0L);
    }
    return Collections.unmodifiableMap(freezes);
  }
}
