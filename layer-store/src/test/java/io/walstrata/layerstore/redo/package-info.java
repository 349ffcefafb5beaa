/** Tests of {@code io.walstrata.layerstore.redo}. */
@NullMarked
package io.walstrata.layerstore.redo;

import org.jspecify.annotations.NullMarked;
