/** The timelines of a partition: their layers and how far each has come. */
@NullMarked
package io.walstrata.layerstore.internal.timeline;

import org.jspecify.annotations.NullMarked;
