/** Tests of {@code io.walstrata.layerstore.internal.read}. */
@NullMarked
package io.walstrata.layerstore.internal.read;

import org.jspecify.annotations.NullMarked;
