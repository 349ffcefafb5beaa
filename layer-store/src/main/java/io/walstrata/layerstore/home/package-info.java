/**
 * Homes, where a partition's layer files and manifest are kept: the operations that the engine
 * needs from a directory or an object store, and the claim that makes one owner the only writer.
 */
@NullMarked
package io.walstrata.layerstore.home;

import org.jspecify.annotations.NullMarked;
