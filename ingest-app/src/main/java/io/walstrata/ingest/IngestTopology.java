package io.walstrata.ingest;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.streams.LayerStores;
import io.walstrata.layerstore.streams.OnBadRecord;
import io.walstrata.layerstore.streams.OnDamage;
import io.walstrata.layerstore.streams.StateStoreOptions;
import io.walstrata.layerstore.streams.WalDecoder;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.streams.Topology;

/** The job's topology: a layer store for each WAL topic, and the way to the dead-letter topic. */
public final class IngestTopology {
  private IngestTopology() {}

  /**
   * Returns the topology of these settings. It makes no connection before it runs.
   *
   * @param resources what its stores share; the caller closes them after the topology
   * @param decoder makes a decoder for each partition
   */
  public static Topology build(
      IngestConfig config, StoreResources resources, Supplier<? extends WalDecoder> decoder) {
    return build(config, stores(config, resources, decoder));
  }

  /**
   * Returns the topology of these settings.
   *
   * @param stores from {@link #stores}
   */
  static Topology build(IngestConfig config, List<StateStoreOptions> stores) {
    Topology topology = new Topology();
    for (StateStoreOptions store : stores) {
      if (config.failsOnBadRecord()) {
        LayerStores.addTo(topology, store);
      } else {
        LayerStores.addTo(topology, store, config.deadLetterTopic());
      }
    }
    return topology;
  }

  /**
   * Returns the settings of each topic's store, in the order of the topics.
   *
   * @param resources shared by all stores
   */
  static List<StateStoreOptions> stores(
      IngestConfig config, StoreResources resources, Supplier<? extends WalDecoder> decoder) {
    LayerHomes homes = LayerHomes.directory(config.layersHome());
    return config.walTopics().stream()
        .map(
            topic ->
                StateStoreOptions.of(topic, homes, resources, decoder)
                    .withFreezePolicy(
                        new FreezePolicy(
                            config.freezeOffsets(), config.freezeBytes(), config.freezeAgeMs()))
                    .withOnBadRecord(
                        config.failsOnBadRecord() ? OnBadRecord.FAIL : OnBadRecord.DEAD_LETTER)
                    .withOnDamage(
                        config.rebuildsDamagedLayers() ? OnDamage.REBUILD : OnDamage.REFUSE)
                    .withClaimTimeout(Duration.ofMillis(config.claimTimeoutMs()))
                    .withEngine(
                        LayerStoreOptions.DEFAULTS
                            .withMaxFrozen(config.frozenMax())
                            .withWriteBufferBytes(config.writeBufferBytes())
                            .withMaxTimelines(config.timelinesMax())
                            .withRedo(config.pageRedo()))
                    .withFreezeIdle(config.freezeIdle()))
        .toList();
  }
}
