/** Cursors over the versions of any layer, and the cost of a read. */
@NullMarked
package io.walstrata.layerstore.internal.cursor;

import org.jspecify.annotations.NullMarked;
