package io.walstrata.schemas.serde;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads WAL messages of any compatible writer's schema into our classes; see {@link WalSerdeConfig}
 * for its settings. The registry is asked once per schema id. Thread-safe once configured.
 *
 * <p>{@link #deserialize} throws a {@link BadMessageException} when the message is at fault, and
 * {@link RegistryUnavailableException} when the registry is unavailable for longer than {@link
 * WalSerdeConfig#MAX_BLOCK_MS}.
 */
public final class WalDeserializer implements Deserializer<SpecificRecord> {
  private @Nullable Connection connection;
  private @Nullable WriterSchemas schemas;

  /** Returns a deserializer that Kafka will {@link #configure}. */
  public WalDeserializer() {}

  /** Returns a configured deserializer. */
  public WalDeserializer(Map<String, ?> settings) {
    configure(settings, /* isKey= */ false);
  }

  /**
   * Makes the registry client; the registry is not contacted yet.
   *
   * @throws org.apache.kafka.common.config.ConfigException if a setting is missing or wrong, or
   *     this is to be a key's deserializer: the key of a WAL topic is the raw routing key
   */
  @Override
  public void configure(Map<String, ?> settings, boolean isKey) {
    Connection.requireValue(isKey);
    Connection open = Connection.open(new WalSerdeConfig(settings));
    connection = open;
    schemas = new WriterSchemas(open.registry(), open.retry(), open.maxWait());
  }

  @Override
  public @Nullable SpecificRecord deserialize(String topic, byte @Nullable [] message) {
    if (message == null) {
      return null;
    }
    WriterSchemas known = schemas;
    if (known == null) {
      throw new IllegalStateException("configure() was not called");
    }
    return known
        .of(message)
        .read(message, WireFormat.BODY_OFFSET, message.length - WireFormat.BODY_OFFSET);
  }

  @Override
  public void close() {
    Connection open = connection;
    if (open != null) {
      open.close();
    }
  }
}
