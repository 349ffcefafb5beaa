package io.walstrata.layerstore.testkit;

import io.walstrata.layerstore.internal.layer.LayerMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts the layers that are looked at, in all stores of the process. */
public final class LayerVisits {
  private LayerVisits() {}

  /** Something that may look at layers. */
  public interface Work {
    void run() throws Exception;
  }

  /** Returns the number of times that a layer is taken out of a layer map during some work. */
  public static long during(Work work) throws Exception {
    LongAdder counter = new LongAdder();
    LayerMap.visits = counter;
    try {
      work.run();
    } finally {
      LayerMap.visits = null;
    }
    return counter.sum();
  }
}
