/**
 * The HTTP interface: pages, layers and timelines as JSON, errors with stable codes, health. Knows
 * of reads and of JSON, not of Kafka: what it serves comes through {@link
 * io.walstrata.ingest.http.LayerReads} and {@link io.walstrata.ingest.http.Health}.
 */
@NullMarked
package io.walstrata.ingest.http;

import org.jspecify.annotations.NullMarked;
