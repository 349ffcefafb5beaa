/** Tests of {@code io.walstrata.layerstore.internal.layer}. */
@NullMarked
package io.walstrata.layerstore.internal.layer;

import org.jspecify.annotations.NullMarked;
