/** Tests of {@code io.walstrata.layerstore.internal.memory}. */
@NullMarked
package io.walstrata.layerstore.internal.memory;

import org.jspecify.annotations.NullMarked;
