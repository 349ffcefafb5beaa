package io.walstrata.harness.bench;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.layerstore.streams.WalSink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.VersionedKeyValueStore;

/**
 * What an application would have that reads a WAL topic into a store of Kafka Streams: the same
 * decoder, a put for each version, the store as {@code Stores} makes it, with its changelog topic
 * and without cache, as is the default.
 */
final class PeerTopology {
  static final String STORE = "versions";

  private final E2eSystem system;
  private final Supplier<WalDecoder> decoders;
  private final Lsn lastLsn;
  private final AtomicLong position = new AtomicLong(-1);

  /**
   * @param system {@code ROCKSDB} or {@code VERSIONED}
   * @param lastLsn the highest that will come
   */
  PeerTopology(E2eSystem system, Supplier<WalDecoder> decoders, Lsn lastLsn) {
    this.system = system;
    this.decoders = decoders;
    this.lastLsn = lastLsn;
  }

  /** Returns the offset of the last record that is in the store; -1 for none. */
  long position() {
    return position.get();
  }

  Topology build(String topic) {
    return new Topology()
        .addSource("wal", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topic)
        .addProcessor("put", () -> new Put(decoders.get(), position), "wal")
        .addStateStore(store(), "put");
  }

  private StoreBuilder<?> store() {
    if (system == E2eSystem.VERSIONED) {
      return Stores.versionedKeyValueStoreBuilder(
          Stores.persistentVersionedKeyValueStore(STORE, Duration.ofMillis(lastLsn.value())),
          Serdes.Bytes(),
          Serdes.ByteArray());
    }
    return Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray());
  }

  /** Returns a version's key in the key-value store. */
  static Bytes key(PageKey key, Lsn lsn) {
    byte[] bytes = new byte[PageKey.BYTES + Long.BYTES];
    key.write(bytes, 0);
    ByteBuffer.wrap(bytes).putLong(PageKey.BYTES, lsn.value());
    return Bytes.wrap(bytes);
  }

  private static final class Put implements Processor<byte[], byte[], Void, Void>, WalSink {
    private final WalDecoder decoder;
    private final AtomicLong position;
    private ProcessorContext<Void, Void> context;
    private Object store;

    @SuppressWarnings("NullAway.Init") // Kafka calls init first.
    Put(WalDecoder decoder, AtomicLong position) {
      this.decoder = decoder;
      this.position = position;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      this.context = context;
      store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      RecordMetadata metadata = context.recordMetadata().orElseThrow();
      try {
        decoder.decode(
            new RawRecord(
                metadata.topic(),
                metadata.partition(),
                metadata.offset(),
                record.timestamp(),
                record.key(),
                record.value(),
                record.headers()),
            this);
      } catch (BadRecordException e) {
        throw new IllegalStateException("the benchmark's own message is bad", e);
      }
      position.lazySet(metadata.offset());
    }

    @Override
    public void batch(ValueBatch batch) {
      for (int entry = 0; entry < batch.size(); entry++) {
        int start = batch.rawOffset() + batch.offset(entry);
        put(
            batch.key(entry),
            batch.lsn(entry),
            Arrays.copyOfRange(batch.raw(), start, start + batch.length(entry)));
      }
    }

    @Override
    public void version(TimelineId timeline, PageKey key, Lsn lsn, Value value) {
      put(key, lsn, value.bytes());
    }

    @SuppressWarnings("unchecked") // It is the one that store() has made.
    private void put(PageKey key, Lsn lsn, byte[] value) {
      if (store instanceof VersionedKeyValueStore<?, ?>) {
        ((VersionedKeyValueStore<Bytes, byte[]>) store)
            .put(Bytes.wrap(key.toBytes()), value, lsn.value());
      } else {
        ((KeyValueStore<Bytes, byte[]>) store).put(key(key, lsn), value);
      }
    }

    @Override
    public void tombstone(TimelineId timeline, KeyRange keys, Lsn lsn) {
      // The benchmark's topics have none.
    }

    @Override
    public void progress(TimelineId timeline, Lsn lsn) {
      // A store of Kafka Streams has no use for it.
    }

    @Override
    public void close() {
      decoder.close();
    }
  }
}
