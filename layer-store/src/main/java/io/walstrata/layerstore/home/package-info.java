/**
 * Where a partition's layer files and manifest are kept: what the engine needs of a directory or an
 * object store, and how one owner keeps others out.
 */
@NullMarked
package io.walstrata.layerstore.home;

import org.jspecify.annotations.NullMarked;
