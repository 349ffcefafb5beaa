package io.walstrata.layerstore.internal.layer;

import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.page.CorruptLayerException;

/** The file of a layer is damaged or missing; this says which layer it is. */
public final class DamagedLayerException extends CorruptLayerException {
  private static final long serialVersionUID = 1L;

  private final transient ManifestLayer layer;

  DamagedLayerException(ManifestLayer layer, CorruptLayerException damage) {
    super(damage);
    this.layer = layer;
  }

  /** Returns what the manifest says of the layer. */
  public ManifestLayer layer() {
    return layer;
  }
}
