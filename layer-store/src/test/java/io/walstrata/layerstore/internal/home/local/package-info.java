/** Tests of {@code io.walstrata.layerstore.internal.home.local}. */
@NullMarked
package io.walstrata.layerstore.internal.home.local;

import org.jspecify.annotations.NullMarked;
