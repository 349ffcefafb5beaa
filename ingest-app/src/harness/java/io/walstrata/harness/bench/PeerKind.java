package io.walstrata.harness.bench;

import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.nio.file.Path;

/** The stores that are compared. */
enum PeerKind {
  /** Walstrata's engine, with its defaults. */
  WALSTRATA {
    @Override
    Peer open(Path directory, Lsn lastLsn) throws IOException {
      return new WalstrataPeer(directory);
    }
  },
  /** Kafka Streams' persistent key-value store, with key and LSN as its key. */
  ROCKSDB {
    @Override
    Peer open(Path directory, Lsn lastLsn) {
      return new RocksDbPeer(directory);
    }
  },
  /** Kafka Streams' persistent versioned store, with the LSN as timestamp. */
  VERSIONED {
    @Override
    Peer open(Path directory, Lsn lastLsn) {
      return new VersionedPeer(directory, lastLsn);
    }
  };

  /**
   * @param directory exists and is empty
   * @param lastLsn the highest that will be put
   */
  abstract Peer open(Path directory, Lsn lastLsn) throws IOException;
}
