/** Tests of {@code io.walstrata.layerstore.io}. */
@NullMarked
package io.walstrata.layerstore.io;

import org.jspecify.annotations.NullMarked;
