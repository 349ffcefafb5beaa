/**
 * Benchmarks of the storage engine, through the same door that everyone else uses: {@link
 * io.walstrata.layerstore.LayerStore}. What is measured and why is in {@code
 * layer-store/docs/benchmarks.md}.
 */
@NullMarked
package io.walstrata.ingest.bench;

import org.jspecify.annotations.NullMarked;
