/** Functions with input or output, which all packages of the store use. */
@NullMarked
package io.walstrata.layerstore.internal;

import org.jspecify.annotations.NullMarked;
