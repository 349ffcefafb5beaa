package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;

/**
 * What one WAL record does to one key.
 *
 * @param key the page
 * @param value its image, or the record
 */
public record PageVersion(PageKey key, Value value) {}
