/** Tests of {@code io.walstrata.layerstore.layer}. */
@NullMarked
package io.walstrata.layerstore.layer;

import org.jspecify.annotations.NullMarked;
