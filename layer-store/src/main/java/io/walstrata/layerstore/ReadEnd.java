package io.walstrata.layerstore;

import java.util.Optional;

/**
 * The end of a read that passes its results to a visitor one by one.
 *
 * @param count the number of results passed to the visitor
 * @param next where to resume; empty if the read is complete. Each read defines what this is
 * @param cost the cost of the whole read
 */
public record ReadEnd<P>(long count, Optional<P> next, ReadCost cost) {}
