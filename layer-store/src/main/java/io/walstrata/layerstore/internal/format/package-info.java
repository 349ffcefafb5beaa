/**
 * The bytes of layer files and manifests. One {@code ...Format} class owns the constants of each;
 * {@code FORMAT.md} states the same in prose.
 */
@NullMarked
package io.walstrata.layerstore.internal.format;

import org.jspecify.annotations.NullMarked;
