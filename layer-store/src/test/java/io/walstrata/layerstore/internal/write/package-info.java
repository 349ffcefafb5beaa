/** Tests of {@code io.walstrata.layerstore.internal.write}. */
@NullMarked
package io.walstrata.layerstore.internal.write;

import org.jspecify.annotations.NullMarked;
