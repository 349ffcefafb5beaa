package io.walstrata.ingest.produce;

import java.util.Map;

/** The codec that producers use, over a registry inside this process. */
final class Codecs {
  private Codecs() {}

  static MessageCodec withMockRegistry(String name) {
    return RegistryCodec.of(
        ProduceConfig.of(
            ProduceConfig.definition(),
            Map.of(
                "topic", "t",
                "bootstrap.servers", "unused:1",
                "schema.registry.url", "mock://" + name)));
  }
}
