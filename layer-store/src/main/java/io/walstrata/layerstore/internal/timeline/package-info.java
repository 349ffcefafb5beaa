/** The timelines of a partition: their layers and last LSNs. */
@NullMarked
package io.walstrata.layerstore.internal.timeline;

import org.jspecify.annotations.NullMarked;
