package io.walstrata.layerstore.page;

import java.io.IOException;

/**
 * Another owner has taken the layers over: this store must not write any more, and will not. What
 * it had reported as durable is safe; the rest is read from the log again by the new owner.
 */
public final class FencedException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Says that the layers were taken over; the cause may know better, such as that they are gone.
   *
   * @param ownEpoch the epoch of the store that is refused
   * @param manifest what the manifest says instead, for instance {@code epoch 7}
   */
  public FencedException(String home, long ownEpoch, String manifest) {
    super(
        "layers were taken over by another owner or are gone, close this store: home="
            + home
            + ", ownEpoch="
            + ownEpoch
            + ", manifest="
            + manifest);
  }
}
