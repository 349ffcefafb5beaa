/**
 * The index of a layer in memory: key table, version lists, key order and tombstones, and the
 * ephemeral file with the values.
 */
@NullMarked
package io.walstrata.layerstore.internal.memory;

import org.jspecify.annotations.NullMarked;
