/**
 * JMH benchmarks of the engine's parts, through {@link io.walstrata.layerstore.LayerStore}: a class
 * per question. How to run them is in {@code layer-store/docs/benchmarks.md}.
 */
@NullMarked
package io.walstrata.layerstore.jmh;

import org.jspecify.annotations.NullMarked;
