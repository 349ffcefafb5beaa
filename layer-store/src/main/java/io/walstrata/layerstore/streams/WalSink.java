package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;

/** Receives the content of one record from a {@link WalDecoder}. */
public interface WalSink {
  /**
   * Adds many versions. The batch, and the array it refers to, must stay as they are until the
   * decoder is called for the next record; after that they may be filled again.
   *
   * @throws BadRecordException if a value is longer than {@link Value#MAX_BYTES}
   * @throws IllegalArgumentException if two values share bytes
   */
  void batch(ValueBatch batch) throws BadRecordException;

  /**
   * Adds one version.
   *
   * @throws BadRecordException if the LSN is not valid, the key is {@link PageKey#MAX}, or the
   *     value is longer than {@link Value#MAX_BYTES}
   */
  void version(TimelineId timeline, PageKey key, Lsn lsn, Value value) throws BadRecordException;

  /**
   * Adds a tombstone: the keys have no pages from this LSN on.
   *
   * @throws BadRecordException if the LSN is not valid
   */
  void tombstone(TimelineId timeline, KeyRange keys, Lsn lsn) throws BadRecordException;

  /**
   * Adds progress: the timeline is complete up to this LSN.
   *
   * @throws BadRecordException if the LSN is not valid
   */
  void progress(TimelineId timeline, Lsn lsn) throws BadRecordException;
}
