/**
 * From the Avro messages of WAL topics to the operations of the store: the one place that knows
 * both {@code io.walstrata.schemas} and {@code io.walstrata.layerstore.streams}.
 */
@NullMarked
package io.walstrata.ingest.avro;

import org.jspecify.annotations.NullMarked;
