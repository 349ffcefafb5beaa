package io.walstrata.harness.bench;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Kafka Streams' persistent key-value store as {@code Stores} makes it, without changelog and
 * cache: RocksDB with all of Kafka's defaults. The key is page key and LSN, big-endian, so that a
 * read as of an LSN is the first entry of a reverse range.
 */
final class RocksDbPeer implements Peer {
  private final Path directory;
  private KeyValueStore<Bytes, byte[]> store;

  RocksDbPeer(Path directory) {
    this.directory = directory;
    store = open();
  }

  private KeyValueStore<Bytes, byte[]> open() {
    KeyValueStore<Bytes, byte[]> opened =
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("rocksdb"), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .withCachingDisabled()
            .build();
    opened.init(new KafkaStoreContext(directory), opened);
    return opened;
  }

  private static Bytes bytes(PageKey key, long lsn) {
    byte[] bytes = new byte[PageKey.BYTES + Long.BYTES];
    key.write(bytes, 0);
    ByteBuffer.wrap(bytes).putLong(PageKey.BYTES, lsn);
    return Bytes.wrap(bytes);
  }

  @Override
  public void put(PageKey key, Lsn lsn, byte[] value) {
    store.put(bytes(key, lsn.value()), value);
  }

  /** Closes the store: a commit does not write the memtables, only being full or closed does. */
  @Override
  public void flush() {
    store.close();
  }

  @Override
  public void reopen() {
    store = open();
  }

  @Override
  public byte @Nullable [] get(PageKey key, Lsn asOf) {
    try (KeyValueIterator<Bytes, byte[]> newestFirst =
        store.reverseRange(bytes(key, 0), bytes(key, asOf.value()))) {
      return newestFirst.hasNext() ? newestFirst.next().value : null;
    }
  }

  @Override
  public void close() {
    if (store.isOpen()) {
      store.close();
    }
  }
}
