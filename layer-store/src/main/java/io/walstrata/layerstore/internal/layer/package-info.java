/**
 * Layers: {@link io.walstrata.layerstore.internal.layer.InMemoryLayer} takes versions until it is
 * frozen at a freeze point, {@link io.walstrata.layerstore.internal.layer.DeltaLayer} is the file
 * that is written from it, and {@link io.walstrata.layerstore.internal.layer.LayerMap} holds the
 * layers of a timeline.
 */
@NullMarked
package io.walstrata.layerstore.internal.layer;

import org.jspecify.annotations.NullMarked;
