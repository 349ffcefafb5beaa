/**
 * The write side of a store: puts, freeze points, and the thread that writes frozen layers to
 * files.
 */
@NullMarked
package io.walstrata.layerstore.internal.write;

import org.jspecify.annotations.NullMarked;
