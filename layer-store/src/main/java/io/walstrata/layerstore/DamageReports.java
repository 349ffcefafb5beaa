package io.walstrata.layerstore;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.IoSupplier;
import io.walstrata.layerstore.internal.layer.DamagedLayerException;
import io.walstrata.layerstore.page.CorruptLayerException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Damaged files that a store has found while reading: each is reported once, and noted in the home
 * so that {@link LayerRepair} finds it. For any thread.
 */
final class DamageReports {
  private static final Logger LOG = LoggerFactory.getLogger(DamageReports.class);

  private final LayerHome home;
  private final Map<LayerPath, LayerDamage> damages = new ConcurrentHashMap<>();

  DamageReports(LayerHome home) {
    this.home = home;
  }

  /** Runs an operation, and reports the damage if it fails because of one. */
  <T> T watch(IoSupplier<T> access) throws IOException {
    try {
      return access.get();
    } catch (CorruptLayerException e) {
      throw reported(e);
    }
  }

  /** Reports damage that was found, and returns it. */
  CorruptLayerException reported(CorruptLayerException e) {
    report(e);
    return e;
  }

  private void report(CorruptLayerException e) {
    if (!(e instanceof DamagedLayerException damaged)) {
      return; // the damaged file is the manifest, which is read before there is a store
    }
    LayerPath path = damaged.layer().path();
    String problem = String.valueOf(e.getMessage());
    if (damages.putIfAbsent(path, new LayerDamage(path, problem)) != null) {
      return;
    }
    LOG.error(
        "a layer file is damaged; reads of the damaged part fail until the home is repaired: {}",
        problem);
    try {
      home.noteDamage(path, problem + "\n");
    } catch (IOException | RuntimeException unnoted) {
      LOG.error("the damage could not be noted: home={}, file={}", home.location(), path, unnoted);
    }
  }

  /** Returns the damage found so far. */
  List<LayerDamage> all() {
    return List.copyOf(damages.values());
  }
}
