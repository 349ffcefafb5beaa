/** Tests of {@code io.walstrata.layerstore.format}. */
@NullMarked
package io.walstrata.layerstore.format;

import org.jspecify.annotations.NullMarked;
