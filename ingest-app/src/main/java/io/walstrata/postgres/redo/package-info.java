/**
 * Replays chains of PostgreSQL's records: the {@link io.walstrata.layerstore.redo.PageRedo} of
 * timelines that a PostgreSQL wrote. What a single record does to a page is in {@code rmgr}.
 */
@NullMarked
package io.walstrata.postgres.redo;

import org.jspecify.annotations.NullMarked;
