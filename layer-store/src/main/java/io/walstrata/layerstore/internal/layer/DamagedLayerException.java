package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.page.CorruptLayerException;

/** Thrown for a layer whose file is damaged or missing. */
public final class DamagedLayerException extends CorruptLayerException {
  private static final long serialVersionUID = 1L;

  private final transient ManifestLayer layer;

  DamagedLayerException(ManifestLayer layer, CorruptLayerException damage) {
    super(damage);
    this.layer = layer;
  }

  /** Returns the layer's entry in the manifest. */
  public ManifestLayer layer() {
    return layer;
  }
}
