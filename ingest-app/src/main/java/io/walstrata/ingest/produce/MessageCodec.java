package io.walstrata.ingest.produce;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Encodes and decodes the messages of a WAL topic. For one thread at a time. */
interface MessageCodec {
  /** Returns the bytes of the message in the topic. */
  byte[] encode(String topic, SpecificRecord message);

  /**
   * Returns the message, or null if the bytes are no message that this version knows.
   *
   * @throws ProduceException if that is not known because the registry does not answer
   */
  @Nullable SpecificRecord decode(String topic, byte[] bytes);
}
