/** Reads across the layers of a timeline: one page, many, a key range, or a page's history. */
@NullMarked
package io.walstrata.layerstore.internal.read;

import org.jspecify.annotations.NullMarked;
