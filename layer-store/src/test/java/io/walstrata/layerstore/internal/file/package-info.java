/** Tests of {@code io.walstrata.layerstore.internal.file}. */
@NullMarked
package io.walstrata.layerstore.internal.file;

import org.jspecify.annotations.NullMarked;
