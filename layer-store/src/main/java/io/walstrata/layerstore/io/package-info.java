/** The only package that opens, writes, syncs, renames or deletes files. */
@NullMarked
package io.walstrata.layerstore.io;

import org.jspecify.annotations.NullMarked;
