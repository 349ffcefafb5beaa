/**
 * The Kafka Streams adapter: a state store whose changelog is the write-ahead-log topic itself.
 *
 * <p>{@link io.walstrata.layerstore.streams.LayerStores} adds it to a topology, a {@link
 * io.walstrata.layerstore.streams.WalDecoder} decodes the topic's records, and {@link
 * io.walstrata.layerstore.streams.PageQuery} and the other queries read it. No other package of
 * this module but its {@code internal} imports {@code org.apache.kafka}.
 */
@NullMarked
package io.walstrata.layerstore.streams;

import org.jspecify.annotations.NullMarked;
