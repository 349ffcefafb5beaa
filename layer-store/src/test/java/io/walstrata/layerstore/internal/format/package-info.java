/** Tests of {@code io.walstrata.layerstore.internal.format}. */
@NullMarked
package io.walstrata.layerstore.internal.format;

import org.jspecify.annotations.NullMarked;
