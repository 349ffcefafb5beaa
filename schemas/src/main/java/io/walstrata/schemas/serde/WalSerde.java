package io.walstrata.schemas.serde;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** {@link WalSerializer} and {@link WalDeserializer} in one. */
public final class WalSerde implements Serde<SpecificRecord> {
  private final WalSerializer serializer = new WalSerializer();
  private final WalDeserializer deserializer = new WalDeserializer();

  /** Returns a serde that Kafka will {@link #configure}. */
  public WalSerde() {}

  /** Returns a configured serde. */
  public WalSerde(Map<String, ?> settings) {
    configure(settings, /* isKey= */ false);
  }

  @Override
  public void configure(Map<String, ?> settings, boolean isKey) {
    serializer.configure(settings, isKey);
    deserializer.configure(settings, isKey);
  }

  @Override
  public Serializer<SpecificRecord> serializer() {
    return serializer;
  }

  @Override
  public Deserializer<SpecificRecord> deserializer() {
    return deserializer;
  }

  @Override
  public void close() {
    try {
      serializer.close();
    } finally {
      deserializer.close();
    }
  }
}
