package io.walstrata.layerstore.testkit;

import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The manifest of a home in a local directory, as it is at the moment, whoever owns the home.
 *
 * @param epoch how many owners the home has had
 * @param layers all that the manifest states of each layer, by its file
 */
public record WrittenManifest(long epoch, Map<LayerPath, String> layers) {
  public WrittenManifest {
    layers = Map.copyOf(layers);
  }

  /** Returns whether a home has a manifest. */
  public static boolean isIn(Path home) {
    return Files.exists(file(home));
  }

  /** Reads the manifest of a home. */
  public static WrittenManifest read(Path home) throws IOException {
    Path file = file(home);
    Manifest manifest = ManifestFormat.decode(file.toString(), Files.readAllBytes(file));
    Map<LayerPath, String> layers = new HashMap<>();
    for (ManifestLayer layer : manifest.layers()) {
      layers.put(layer.path(), layer.toString());
    }
    return new WrittenManifest(manifest.epoch(), layers);
  }

  private static Path file(Path home) {
    return home.resolve("manifest");
  }
}
