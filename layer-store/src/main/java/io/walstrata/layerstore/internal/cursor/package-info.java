/** How the versions of a layer are walked, and what a read costs; whatever layer they are in. */
@NullMarked
package io.walstrata.layerstore.internal.cursor;

import org.jspecify.annotations.NullMarked;
