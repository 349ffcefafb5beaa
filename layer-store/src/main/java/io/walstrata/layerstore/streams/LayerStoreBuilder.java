package io.walstrata.layerstore.streams;

import java.util.Map;
import org.apache.kafka.streams.state.StoreBuilder;

/** Builds a {@link LayerStateStore} for each partition. */
final class LayerStoreBuilder implements StoreBuilder<LayerStateStore> {
  private final StateStoreOptions options;
  private final ForgottenOffsets forgotten = new ForgottenOffsets();

  LayerStoreBuilder(StateStoreOptions options) {
    KafkaVersion.check();
    this.options = options;
  }

  @Override
  public LayerStateStore build() {
    return new LayerStateStore(options, forgotten);
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
