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
 * intact, so that {@link LayerStore#open} does not read every header and footer again. See {@link
 * StoreResources#checkedLayers()}. For any thread.
 */
public final class CheckedLayers {
  /*
   * A result belongs to one manifest. After the manifest changes, even if only its epoch does, the
   * layers are checked like any others; the owner that writes the next manifest discards the result
   * for this one. Correctness does not depend on the result: a layer's header, footer, index and
   * filter are checked again when it is first read.
   *
   * The homes of partitions that this process no longer reads are never removed, so only a digest
   * of each manifest is kept.
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
      throw new IllegalStateException("no SHA-256, which every Java must have", e);
    }
  }
}
