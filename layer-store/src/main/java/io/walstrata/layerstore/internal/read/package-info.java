/**
 * Reads across the layers of a timeline: of one page, of many, of a key range, of a page's history.
 */
@NullMarked
package io.walstrata.layerstore.internal.read;

import org.jspecify.annotations.NullMarked;
