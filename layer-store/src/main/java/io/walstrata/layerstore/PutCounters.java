package io.walstrata.layerstore;

/**
 * How many versions and tombstones were added, were duplicates or were late, since the home was
 * claimed.
 *
 * @param added see {@link PutResult#ADDED}
 * @param duplicates see {@link PutResult#DUPLICATE}
 * @param late see {@link PutResult#LATE}
 */
public record PutCounters(long added, long duplicates, long late) {}
