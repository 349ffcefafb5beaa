package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.util.function.Consumer;

/** Prints a layer's content as lines of text. */
public final class LayerDump {
  private LayerDump() {}

  /** Passes one line for an acquired layer, then one per tombstone and one per version. */
  public static void dump(Layer layer, ValueDescriber describer, Consumer<String> lines)
      throws IOException {
    lines.accept(
        "layer "
            + layer.displayName()
            + " timeline="
            + layer.timeline()
            + " lsns="
            + layer.lsnRange()
            + " offsets="
            + layer.startOffset()
            + ".."
            + layer.endOffset()
            + " versions="
            + layer.versions()
            + " tombstones="
            + layer.tombstones()
            + " bytes="
            + layer.sizeBytes());
    layer.tombstoneList().forEach(tombstone -> lines.accept(line(tombstone)));
    layer.forEach(
        (key, lsn, value) -> {
          lines.accept(line(key, lsn, value, describer));
          return true;
        });
  }

  /** Returns the line of a tombstone. */
  public static String line(Tombstone tombstone) {
    return "tombstone " + tombstone.keys().describe() + " " + tombstone.lsn();
  }

  /** Returns the line of a version. */
  public static String line(PageKey key, Lsn lsn, Value value, ValueDescriber describer) {
    return key.describe() + " " + lsn + " " + describer.describe(key, lsn, value);
  }
}
