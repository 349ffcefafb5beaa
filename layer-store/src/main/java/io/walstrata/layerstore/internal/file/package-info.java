/**
 * The only package, beside the local home and the ephemeral file, that opens, writes, syncs,
 * renames or deletes files: a channel that survives interrupts, writing in the background, write
 * buffers.
 */
@NullMarked
package io.walstrata.layerstore.internal.file;

import org.jspecify.annotations.NullMarked;
