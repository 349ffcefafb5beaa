/**
 * The state store, the ingest of a partition and the guarded consumer, which implement the classes
 * of {@link io.walstrata.layerstore.streams}; not for users of the library.
 */
@NullMarked
package io.walstrata.layerstore.streams.internal;

import org.jspecify.annotations.NullMarked;
