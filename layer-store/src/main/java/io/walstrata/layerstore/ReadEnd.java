package io.walstrata.layerstore;

import io.walstrata.layerstore.page.ReadCost;
import java.util.Optional;

/**
 * How a read that hands over one thing after the other has ended.
 *
 * @param count how many things it has handed over
 * @param next where to go on; empty if there is nothing more. Each kind of read says how
 * @param cost what all of it cost
 */
public record ReadEnd<P>(long count, Optional<P> next, ReadCost cost) {}
