/**
 * Layers and what they do for a read: {@link io.walstrata.layerstore.internal.layer.OpenLayer}
 * takes versions, {@link io.walstrata.layerstore.internal.layer.FrozenLayer} is what it becomes at
 * a freeze point, {@link io.walstrata.layerstore.internal.layer.DeltaLayer} is the file that is
 * written from that, and {@link io.walstrata.layerstore.internal.layer.LayerMap} has those of a
 * timeline.
 */
@NullMarked
package io.walstrata.layerstore.internal.layer;

import org.jspecify.annotations.NullMarked;
