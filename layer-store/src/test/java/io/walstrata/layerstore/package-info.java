/** Tests of the store through its door. */
@NullMarked
package io.walstrata.layerstore;

import org.jspecify.annotations.NullMarked;
