package io.walstrata.layerstore;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers the homes whose layers {@link LayerRepair#plan(LayerHome, CheckedLayers)} has found
 * whole, so that {@link LayerStore#open} does not read every header and footer again. See {@link
 * StoreResources#checkedLayers()}. For any thread.
 */
public final class CheckedLayers {
  /*
   * What was checked is a manifest. Once another is there, also one with a higher epoch alone, its
   * layers are looked at like any others; the owner that writes the next one discards this one.
   * Nothing relies on what was seen then: a layer's header, footer, index and filter are checked
   * again when it is first read.
   *
   * Homes of partitions that never come here stay for the life of the process, so no more is kept
   * of a manifest than a digest.
   */
  private final Map<String, String> whole = new ConcurrentHashMap<>(); // by location

  void add(LayerHome home, Manifest manifest) {
    whole.put(home.location(), digest(manifest));
  }

  boolean contains(LayerHome home, Manifest manifest) {
    String known = whole.get(home.location());
    return known != null && known.equals(digest(manifest));
  }

  void remove(LayerHome home) {
    whole.remove(home.location());
  }

  private static String digest(Manifest manifest) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(ManifestFormat.encode(manifest)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
