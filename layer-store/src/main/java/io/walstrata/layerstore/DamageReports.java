package io.walstrata.layerstore;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.layer.DamagedLayerException;
import io.walstrata.layerstore.page.CorruptLayerException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Damaged files that a store has met while reading: each is reported once, and noted in the home so
 * that {@link LayerRepair} finds it. For any thread.
 */
final class DamageReports {
  private static final Logger LOG = LoggerFactory.getLogger(DamageReports.class);

  /** What may meet a damaged file. */
  interface Access<T> {
    T run() throws IOException;
  }

  private final LayerHome home;
  private final Map<LayerPath, LayerDamage> damages = new ConcurrentHashMap<>();

  DamageReports(LayerHome home) {
    this.home = home;
  }

  /** Does something, and reports the damage if that is why it fails. */
  <T> T watch(Access<T> access) throws IOException {
    try {
      return access.run();
    } catch (CorruptLayerException e) {
      throw reported(e);
    }
  }

  /** Reports damage that was met, and returns it. */
  CorruptLayerException reported(CorruptLayerException e) {
    report(e);
    return e;
  }

  private void report(CorruptLayerException e) {
    if (!(e instanceof DamagedLayerException damaged)) {
      return; // not a layer's: the manifest, which is read before there is a store
    }
    LayerPath path = damaged.layer().path();
    String problem = String.valueOf(e.getMessage());
    if (damages.putIfAbsent(path, new LayerDamage(path, problem)) != null) {
      return;
    }
    LOG.error(
        "a layer file is damaged, reads that need this part of it fail until it is repaired: {}",
        problem);
    try {
      home.noteDamage(path, problem + "\n");
    } catch (IOException | RuntimeException unnoted) {
      LOG.error("the damage could not be noted: home={}, file={}", home.location(), path, unnoted);
    }
  }

  /** Returns what was met so far. */
  List<LayerDamage> all() {
    return List.copyOf(damages.values());
  }
}
