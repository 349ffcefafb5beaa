/** Reads and replaces the manifest of a home, and deletes files that it does not name. */
@NullMarked
package io.walstrata.layerstore.internal.manifest;

import org.jspecify.annotations.NullMarked;
