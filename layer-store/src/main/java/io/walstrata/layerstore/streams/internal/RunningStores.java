package io.walstrata.layerstore.streams.internal;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Holds the stores of one topic that are open in this process, by partition. For any thread. */
public final class RunningStores {
  private final Map<Integer, OpenStore> stores = new ConcurrentHashMap<>();

  void add(int partition, OpenStore store) {
    stores.put(partition, store);
  }

  /** Removes a store; does nothing if another one is open by now. */
  void remove(int partition, OpenStore store) {
    stores.remove(partition, store);
  }

  Optional<OpenStore> get(int partition) {
    return Optional.ofNullable(stores.get(partition));
  }
}
