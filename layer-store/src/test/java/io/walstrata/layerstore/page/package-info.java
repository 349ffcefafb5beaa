/** Tests of {@code io.walstrata.layerstore.page}. */
@NullMarked
package io.walstrata.layerstore.page;

import org.jspecify.annotations.NullMarked;
