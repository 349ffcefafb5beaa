/**
 * Producers: what puts write-ahead log into a WAL topic.
 *
 * <ul>
 *   <li>{@link io.walstrata.ingest.produce.PostgresProducer} streams a running PostgreSQL's WAL,
 *   <li>{@link io.walstrata.ingest.produce.WalFilesProducer} reads archived WAL segments,
 *   <li>{@link io.walstrata.ingest.produce.SyntheticProducer} makes load whose content can be
 *       computed again.
 * </ul>
 *
 * <p>All three share one path to Kafka: {@code TopicSession} finds the last claim of the timeline
 * in the topic, {@code TimelineWriter} packs versions into messages that carry claims, and {@code
 * KafkaTarget} sends them in order and knows what Kafka has acknowledged. They differ from
 * producers in other languages in nothing but convenience.
 */
@NullMarked
package io.walstrata.ingest.produce;

import org.jspecify.annotations.NullMarked;
