/**
 * Reads and writes the messages of WAL topics: Avro in Confluent's framing, with schemas in a
 * schema registry.
 *
 * <p>{@link io.walstrata.schemas.serde.WalSerializer} and {@link
 * io.walstrata.schemas.serde.WalDeserializer} plug into Kafka clients. Code that must distinguish a
 * bad message from a registry that is unavailable, or read a batch in place, uses {@link
 * io.walstrata.schemas.serde.WriterSchemas} and {@link io.walstrata.schemas.serde.AvroInput}.
 */
@NullMarked
package io.walstrata.schemas.serde;

import org.jspecify.annotations.NullMarked;
