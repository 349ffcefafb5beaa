package io.walstrata.harness.bench;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.VersionedKeyValueStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Kafka Streams' persistent versioned store as {@code Stores} makes it, without changelog. The
 * timestamp is the LSN, and history is retained for as long as the workload is; what follows from
 * that, Kafka decides.
 */
final class VersionedPeer implements Peer {
  /*
   * Kafka 4.3.1 does not open the segments of older versions again with the store: such a version is
   * not found until a put has gone to its segment. So reopening puts versions of a key of its own,
   * close enough to each other to meet every segment; there are at most some dozens.
   */
  private static final Bytes TOUCHING = Bytes.wrap(new byte[] {-1});
  private static final int TOUCHES = 1000;

  private final Path directory;
  private final Duration retention;
  private VersionedKeyValueStore<Bytes, byte[]> store;
  private long putUpTo;

  VersionedPeer(Path directory, Lsn lastLsn) {
    this.directory = directory;
    retention = Duration.ofMillis(lastLsn.value());
    store = open();
  }

  private VersionedKeyValueStore<Bytes, byte[]> open() {
    VersionedKeyValueStore<Bytes, byte[]> opened =
        Stores.versionedKeyValueStoreBuilder(
                Stores.persistentVersionedKeyValueStore("versioned", retention),
                Serdes.Bytes(),
                Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    opened.init(new KafkaStoreContext(directory), opened);
    return opened;
  }

  @Override
  public void put(PageKey key, Lsn lsn, byte[] value) {
    store.put(Bytes.wrap(key.toBytes()), value, lsn.value());
    putUpTo = lsn.value();
  }

  /** Closes the store: a commit does not write the memtables, only being full or closed does. */
  @Override
  public void flush() {
    store.close();
  }

  @Override
  public void reopen() {
    store = open();
    for (int i = 1; i <= TOUCHES; i++) {
      store.put(TOUCHING, new byte[] {0}, putUpTo * i / TOUCHES);
    }
  }

  @Override
  public byte @Nullable [] get(PageKey key, Lsn asOf) {
    @Nullable VersionedRecord<byte[]> newest = store.get(Bytes.wrap(key.toBytes()), asOf.value());
    return newest == null ? null : newest.value();
  }

  @Override
  public void close() {
    if (store.isOpen()) {
      store.close();
    }
  }
}
