package io.walstrata.layerstore.internal.layer;

import java.io.IOException;

/**
 * Thrown for a layer that its owner has released before a reader could acquire it. The timeline has
 * other layers in its place by then: the read continues with those.
 */
public final class LayerGoneException extends IOException {
  private static final long serialVersionUID = 1L;

  LayerGoneException(String layer) {
    super("layer is gone: layer=" + layer);
  }
}
