package io.walstrata.harness.bench;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A store of versions that can be read as of an LSN. For one thread. */
interface Peer extends Closeable {
  /** LSNs come in ascending order. */
  void put(PageKey key, Lsn lsn, byte[] value) throws IOException;

  /** Returns when all that was put is in files. {@link #reopen} comes next. */
  void flush() throws IOException, InterruptedException;

  /** Makes the store readable again after a {@link #flush}, if need be. */
  void reopen() throws IOException;

  /** Returns the newest value of a key at or below an LSN; null if there is none. */
  byte @Nullable [] get(PageKey key, Lsn asOf) throws IOException;
}
