/** Tests of {@code io.walstrata.layerstore.io}. */
@NullMarked
package io.walstrata.layerstore.home;

import org.jspecify.annotations.NullMarked;
