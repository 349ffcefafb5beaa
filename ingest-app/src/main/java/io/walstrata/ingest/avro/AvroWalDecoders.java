package io.walstrata.ingest.avro;

import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.schemas.serde.RegistryOutage;
import io.walstrata.schemas.serde.RegistryRetry;
import io.walstrata.schemas.serde.SchemaRegistry;
import io.walstrata.schemas.serde.WalSerdeConfig;
import io.walstrata.schemas.serde.WriterSchemas;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes a decoder for each store of the job; all share one registry client and its schemas.
 * Decoders wait without limit for a registry that is away: that never makes a record bad.
 *
 * <p>Thread-safe. Call {@link #stopWaiting} before the stream is closed: a thread that waits for
 * the registry notices nothing else.
 */
public final class AvroWalDecoders implements Supplier<WalDecoder>, Closeable {
  private final SchemaRegistry registry;
  private final WriterSchemas schemas;
  private final DecodeRules rules;

  private AvroWalDecoders(SchemaRegistry registry, RegistryRetry retry, DecodeRules rules) {
    this.registry = registry;
    this.rules = rules;
    this.schemas =
        WriterSchemas.waitingAtMost(
            rules.unknownSchemaWait(), registry, retry, RegistryRetry.FOREVER);
  }

  /**
   * Returns decoders with these settings; the registry is not contacted yet.
   *
   * @param settings see {@link WalSerdeConfig}; other keys are ignored
   * @param rules what messages must be beyond decodable
   * @throws org.apache.kafka.common.config.ConfigException if a setting is missing or wrong
   */
  public static AvroWalDecoders open(Map<String, ?> settings, DecodeRules rules) {
    WalSerdeConfig config = new WalSerdeConfig(settings);
    return new AvroWalDecoders(SchemaRegistry.open(config), config.retry(), rules);
  }

  /** Returns a new decoder, for one store. */
  @Override
  public WalDecoder get() {
    return new AvroWalDecoder(schemas, rules, Clock.systemUTC());
  }

  /** Returns the registry client of the decoders, which {@link #close} closes. */
  public SchemaRegistry registry() {
    return registry;
  }

  /** Returns since when and why decoders wait for the registry; empty when all is well. */
  public Optional<RegistryOutage> outage() {
    return schemas.outage();
  }

  /**
   * Ends all waiting, for good: a decoder that waits throws {@link
   * io.walstrata.schemas.serde.RegistryUnavailableException}, and one that reads a long message
   * {@link io.walstrata.schemas.serde.ReadingStoppedException}. Both stop the stream thread without
   * passing the record.
   */
  public void stopWaiting() {
    schemas.close();
  }

  /** Ends all waiting, and closes the client. */
  @Override
  public void close() throws IOException {
    stopWaiting();
    registry.close();
  }
}
