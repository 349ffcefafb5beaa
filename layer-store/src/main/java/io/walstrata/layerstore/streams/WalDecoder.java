package io.walstrata.layerstore.streams;

/**
 * Decodes the records of a topic. The store calls it for every record exactly once per ingest, in
 * offset order, from one thread at a time, on the restore path as on the processing path; so its
 * output must depend on the record alone.
 *
 * <p>Each store instance, one per partition, gets a decoder of its own.
 */
public interface WalDecoder extends AutoCloseable {
  /**
   * Passes the record's content to {@code sink}, in the order in which it is to be applied. Nothing
   * is applied before this method returns, and nothing at all if it throws.
   *
   * <p>May block, for instance until a registry is back: that is never a bad record. To give up
   * blocking when the thread is interrupted, throw {@link
   * org.apache.kafka.common.errors.InterruptException}. What it does otherwise should be bounded by
   * the record's length: the partition waits meanwhile, and nothing else ends it.
   *
   * @param record with a key; the arrays are not to be changed, but values may refer to them
   * @throws BadRecordException if the record will never be decodable. An {@link
   *     IllegalArgumentException} means the same ({@link BadRecordReason#MALFORMED}, or {@link
   *     BadRecordReason#UNREPRESENTABLE_KEY} for that exception); any other unchecked exception
   *     stops the stream
   */
  void decode(RawRecord record, WalSink sink) throws BadRecordException;

  /** Called once, when the store is closed. */
  @Override
  default void close() {}
}
