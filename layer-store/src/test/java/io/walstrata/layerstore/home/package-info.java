/** Tests of {@code io.walstrata.layerstore.home}. */
@NullMarked
package io.walstrata.layerstore.home;

import org.jspecify.annotations.NullMarked;
