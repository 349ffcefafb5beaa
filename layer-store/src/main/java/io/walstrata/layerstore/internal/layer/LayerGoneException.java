package io.walstrata.layerstore.internal.layer;

import java.io.IOException;

/**
 * A layer was let go of while somebody wanted to read it. The timeline has others in its place by
 * then: the read goes on with those.
 */
public final class LayerGoneException extends IOException {
  private static final long serialVersionUID = 1L;

  LayerGoneException(String layer) {
    super("layer is gone: layer=" + layer);
  }
}
