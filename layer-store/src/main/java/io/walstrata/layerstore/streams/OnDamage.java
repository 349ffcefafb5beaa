package io.walstrata.layerstore.streams;

/** What {@link HistoryCheck} does with damaged layers. Nothing is ever deleted. */
public enum OnDamage {
  /**
   * Sets the damaged layers aside, and those of later freeze points with them, if the topic still
   * has their records: these are read again. Refuses otherwise.
   */
  REBUILD,
  /** Refuses, and leaves everything as it is. */
  REFUSE
}
