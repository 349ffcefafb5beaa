package io.walstrata.layerstore;

/**
 * How many versions and tombstones came to what, since the store was opened.
 *
 * @param added see {@link PutResult#ADDED}
 * @param duplicates see {@link PutResult#DUPLICATE}
 * @param late see {@link PutResult#LATE}
 */
public record PutCounters(long added, long duplicates, long late) {}
