package io.walstrata.layerstore;

import io.walstrata.layerstore.format.Manifest;
import io.walstrata.layerstore.io.LayerHome;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers the homes whose layers {@link LayerRepair#plan(LayerHome, CheckedLayers)} has found
 * whole, so that {@link LayerStore#open(LayerHome, java.nio.file.Path, LayerStoreOptions,
 * CheckedLayers)} does not read every header and footer once more. For any thread.
 */
public final class CheckedLayers {
  /*
   * What was checked is a manifest. Once another is there, also one with a higher epoch alone, its
   * layers are looked at like any others; the owner that writes the next one lets go of this one.
   * Nothing relies on what was seen then: a layer's header, footer, index and filter are checked
   * again when it is first read.
   */
  private final Map<String, Manifest> whole = new ConcurrentHashMap<>(); // by location

  void add(LayerHome home, Manifest manifest) {
    whole.put(home.location(), manifest);
  }

  boolean contains(LayerHome home, Manifest manifest) {
    return manifest.equals(whole.get(home.location()));
  }

  void remove(LayerHome home) {
    whole.remove(home.location());
  }
}
