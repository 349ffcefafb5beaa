package io.walstrata.layerstore.streams;

import java.util.Locale;

/**
 * What a store counts of the records that it ingests; see {@link IngestCounters}. A counter that is
 * added here is counted, returned by the status, and a metric of Kafka Streams whose name ends with
 * {@code -total}.
 */
public enum IngestCounter {
  /** Records that were passed to the store, restored ones included. */
  RECORDS("Records ingested"),
  /** Bytes of the keys and values of {@link #RECORDS}. */
  BYTES("Bytes of keys and values of the records ingested"),
  /** Those of {@link #RECORDS} that were restored. */
  RESTORED_RECORDS("Records ingested by restores"),
  /** Bytes of the keys and values of {@link #RESTORED_RECORDS}. */
  RESTORED_BYTES("Bytes of keys and values that restores ingested"),
  /** Those of {@link #RECORDS} whose offset the store had ingested before. */
  SKIPPED_RECORDS("Records that the layers had already"),
  /** Those of {@link #RECORDS} that were refused whole. */
  BAD_RECORDS("Records refused whole"),
  /** Those of {@link #RECORDS} with at least one late version. */
  LATE_RECORDS("Records with late versions"),
  /** Versions added. */
  VERSIONS("Page versions added"),
  /** Versions and tombstones that a layer had already. */
  DUPLICATES("Versions and tombstones that the layers had already"),
  /** Versions and tombstones refused because they came too late. */
  LATE_VERSIONS("Versions and tombstones that came too late"),
  /** Tombstones added. */
  TOMBSTONES("Tombstones added"),
  /** Freeze points set. */
  FREEZE_POINTS("Freeze points set");

  private final String description;

  IngestCounter(String description) {
    this.description = description;
  }

  /** Returns what is counted, in a few words for the description of a metric. */
  public String description() {
    return description;
  }

  /**
   * Returns the name in lower case.
   *
   * @param separator between words
   */
  public String text(String separator) {
    return name().toLowerCase(Locale.ROOT).replace("_", separator);
  }
}
