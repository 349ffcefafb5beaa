package io.walstrata.ingest.produce;

import io.walstrata.schemas.serde.BadMessageException;
import io.walstrata.schemas.serde.RegistryUnavailableException;
import io.walstrata.schemas.serde.WalDeserializer;
import io.walstrata.schemas.serde.WalSerdeConfig;
import io.walstrata.schemas.serde.WalSerializer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Messages in Confluent's framing, with schemas from a registry. */
final class RegistryCodec implements MessageCodec {
  private final WalSerializer serializer;
  private final WalDeserializer deserializer;

  private RegistryCodec(Map<String, ?> settings) {
    this.serializer = new WalSerializer(settings);
    this.deserializer = new WalDeserializer(settings);
  }

  /**
   * Returns a codec; the registry is not asked yet.
   *
   * @throws ProduceException if a {@code registry.*} setting is wrong
   */
  static MessageCodec of(ProduceConfig config) {
    Map<String, String> settings = new HashMap<>();
    settings.put(
        WalSerdeConfig.MAX_BLOCK_MS,
        Long.toString(config.seconds(ProduceConfig.START_TIMEOUT_S).toMillis()));
    settings.putAll(config.passedOn(ProduceConfig.REGISTRY_PREFIX));
    settings.put(WalSerdeConfig.URL, config.string(ProduceConfig.REGISTRY_URL));
    try {
      return new RegistryCodec(settings);
    } catch (ConfigException e) {
      throw ProduceException.settings(
          "the registry's client refuses the settings: " + e.getMessage());
    }
  }

  @Override
  public byte[] encode(String topic, SpecificRecord message) {
    try {
      byte @Nullable [] bytes = serializer.serialize(topic, message);
      if (bytes == null) {
        throw new IllegalStateException("no bytes for a message: type=" + message.getSchema());
      }
      return bytes;
    } catch (RegistryUnavailableException | InterruptException e) {
      throw unavailable(e);
    } catch (SerializationException e) {
      throw new ProduceException(
          ProduceException.Reason.FAILED, "message cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public @Nullable SpecificRecord decode(String topic, byte[] bytes) {
    try {
      return deserializer.deserialize(topic, bytes);
    } catch (BadMessageException e) {
      return null;
    } catch (RegistryUnavailableException | InterruptException e) {
      throw unavailable(e);
    }
  }

  private static ProduceException unavailable(Exception e) {
    return ProduceException.unavailable(
        "the schema registry gives no usable answer: " + e.getMessage(), e);
  }
}
