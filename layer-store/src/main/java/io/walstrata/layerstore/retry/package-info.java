/** How long to pause before a failed attempt is repeated; depends on no other package. */
@NullMarked
package io.walstrata.layerstore.retry;

import org.jspecify.annotations.NullMarked;
