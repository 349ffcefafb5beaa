/**
 * Redo as the engine knows it: from a base and the versions after it to the page. Nothing here
 * knows what the versions contain; who writes them hands in the {@link
 * io.walstrata.layerstore.redo.PageRedo} that can replay them.
 */
@NullMarked
package io.walstrata.layerstore.redo;

import org.jspecify.annotations.NullMarked;
