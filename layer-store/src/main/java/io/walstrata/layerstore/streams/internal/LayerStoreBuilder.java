package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.StateStoreOptions;
import java.util.Map;
import org.apache.kafka.streams.state.StoreBuilder;

/** Builds a {@link LayerStateStore} for each partition. */
public final class LayerStoreBuilder implements StoreBuilder<LayerStateStore> {
  private final StateStoreOptions options;
  private final RunningStores running;
  private final ForgottenOffsets forgotten = new ForgottenOffsets();

  /**
   * @param running where the stores are found while they are open
   */
  public LayerStoreBuilder(StateStoreOptions options, RunningStores running) {
    KafkaVersion.check();
    this.options = options;
    this.running = running;
  }

  @Override
  public LayerStateStore build() {
    return new LayerStateStore(options, running, forgotten);
  }

  @Override
  public String name() {
    return options.storeName();
  }

  @Override
  public StoreBuilder<LayerStateStore> withCachingEnabled() {
    throw new UnsupportedOperationException(
        "a layer store cannot be cached: its open layer is the cache, name=" + name());
  }

  @Override
  public StoreBuilder<LayerStateStore> withCachingDisabled() {
    return this;
  }

  @Override
  public StoreBuilder<LayerStateStore> withLoggingEnabled(Map<String, String> config) {
    throw new UnsupportedOperationException(
        "a layer store has no changelog topic to configure, the source topic is its log: use"
            + " LayerStores.addTo or Topology.addReadOnlyStateStore, name="
            + name());
  }

  /**
   * Does nothing: {@code addReadOnlyStateStore} calls this before it makes the source topic the
   * changelog.
   */
  @Override
  public StoreBuilder<LayerStateStore> withLoggingDisabled() {
    return this;
  }

  @Override
  public Map<String, String> logConfig() {
    return Map.of();
  }

  @Override
  public boolean loggingEnabled() {
    return true;
  }
}
