package io.walstrata.layerstore.streams.internal;

import java.nio.ByteBuffer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.ClusterResourceListener;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a consumer's poll when the records that it has unpacked use up its limit. For the thread
 * that polls, but {@link #metadataUpdates} for any.
 */
public final class PollMeter {
  /*
   * A consumer unpacks a batch as a stream, record by record, and the only application code that it
   * calls in between are the deserializers. One that throws ends the poll: the records before are
   * returned, and this one is kept, unpacked, for the next poll, which passes it to the
   * deserializers again (CompletedFetch.fetchRecords). Nothing is fetched or unpacked twice. Where
   * it is the poll's first record the exception would go to the caller, so that one is always
   * accepted.
   *
   * A record without key and value does not reach the deserializers; `max.poll.records` bounds
   * those.
   */

  /**
   * Heap of the objects around the bytes of a record, in the consumer and in the queues of Kafka
   * Streams.
   */
  static final int RECORD_OVERHEAD = 200;

  /** Thrown to end a poll; not an error. */
  static final class PollFullException extends SerializationException {
    private static final long serialVersionUID = 1L;

    PollFullException() {
      super("the poll has reached its limit of bytes");
    }
  }

  /** Thrown for a record larger than the limit for one record. */
  static final class OversizeException extends SerializationException {
    private static final long serialVersionUID = 1L;
    private final long bytes;

    OversizeException(long bytes) {
      super("a record is too large for the heap: sizeBytes=" + bytes);
      this.bytes = bytes;
    }

    long bytes() {
      return bytes;
    }
  }

  private final long recordLimit;
  private final Counting keys = new Counting();
  private final Counting values = new Counting();
  private volatile long metadataUpdates;
  private @Nullable Headers current;
  private int records;
  private long recordBytes;
  private long pollBytes;
  private long allowance;

  /**
   * @param recordLimit bytes of the largest record
   */
  public PollMeter(long recordLimit) {
    this.recordLimit = recordLimit;
  }

  /** Begins a poll that may unpack {@code allowedBytes}, or one record if that is larger. */
  void begin(long allowedBytes) {
    current = null;
    records = 0;
    pollBytes = 0;
    allowance = allowedBytes;
  }

  /** Returns the deserializer of keys, for the one consumer. */
  public Deserializer<byte[]> keys() {
    return keys;
  }

  /** Returns the deserializer of values, for the one consumer. */
  public Deserializer<byte[]> values() {
    return values;
  }

  /** Returns how often the consumer got new metadata. */
  long metadataUpdates() {
    return metadataUpdates;
  }

  /** Returns the bytes that a record counts as. */
  static long bytes(ConsumerRecord<byte[], byte[]> record) {
    return RECORD_OVERHEAD
        + headerBytes(record.headers())
        + Math.max(0, record.serializedKeySize())
        + Math.max(0, record.serializedValueSize());
  }

  /**
   * Returns the bytes of headers. Reading them also makes them release the bytes of the whole
   * record.
   */
  private static long headerBytes(Headers headers) {
    long bytes = 0;
    for (Header header : headers) {
      byte[] value = header.value();
      bytes += header.key().length() + (value == null ? 0 : value.length) + RECORD_OVERHEAD / 2;
    }
    return bytes;
  }

  private void count(Headers headers, int length) {
    if (headers != current) { // each record has its own
      current = headers;
      records++;
      recordBytes = RECORD_OVERHEAD + headerBytes(headers);
      pollBytes += recordBytes;
    }
    recordBytes += length;
    pollBytes += length;
    if (records > 1 && (pollBytes > allowance || recordBytes > recordLimit)) {
      throw new PollFullException();
    }
    if (recordBytes > recordLimit) {
      throw new OversizeException(recordBytes);
    }
  }

  /**
   * Counts bytes. The consumer notifies its deserializers of new metadata, both of them, so only
   * one counts that.
   */
  private final class Counting extends ByteArrayDeserializer implements ClusterResourceListener {
    @Override
    public byte[] deserialize(String topic, Headers headers, @Nullable ByteBuffer data) {
      count(headers, data == null ? 0 : data.remaining());
      return super.deserialize(topic, headers, data);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread calls
    public void onUpdate(ClusterResource cluster) {
      if (this == values) {
        metadataUpdates++;
      }
    }

    /** Returns what a consumer logs, like an error, when a poll ends at its limit. */
    @Override
    public String toString() {
      return "no error if the poll has reached its limit of bytes";
    }
  }
}
