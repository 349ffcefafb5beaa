package io.walstrata.ingest.produce;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** The bytes of a WAL topic's messages. For one thread at a time. */
interface MessageCodec {
  /** Returns the message as it stands in the topic. */
  byte[] encode(String topic, SpecificRecord message);

  /**
   * Returns the message, or null if the bytes are none that this version knows.
   *
   * @throws ProduceException if it cannot be told because the registry cannot be asked
   */
  @Nullable SpecificRecord decode(String topic, byte[] bytes);
}
