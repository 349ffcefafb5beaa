/**
 * The Kafka Streams adapter: a state store whose changelog is the write-ahead-log topic itself.
 *
 * <p>{@link io.walstrata.layerstore.streams.LayerStores} puts it into a topology, a {@link
 * io.walstrata.layerstore.streams.WalDecoder} says what the topic's bytes mean, and {@link
 * io.walstrata.layerstore.streams.PageQuery} and its sisters read it by interactive queries. No
 * other package of this module imports {@code org.apache.kafka}.
 */
@NullMarked
package io.walstrata.layerstore.streams;

import org.jspecify.annotations.NullMarked;
