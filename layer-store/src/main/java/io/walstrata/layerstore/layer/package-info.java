/**
 * Layers and what they do for a read: {@link io.walstrata.layerstore.layer.OpenLayer} takes
 * versions, {@link io.walstrata.layerstore.layer.FrozenLayer} is what it becomes at a freeze point,
 * {@link io.walstrata.layerstore.layer.DeltaLayer} is the file that is written from that, and
 * {@link io.walstrata.layerstore.layer.LayerMap} holds those of a timeline.
 */
@NullMarked
package io.walstrata.layerstore.layer;

import org.jspecify.annotations.NullMarked;
