package io.walstrata.layerstore;

import io.walstrata.layerstore.io.LayerHome;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One partition's page versions. Versions go to one open layer per timeline; at a freeze point all
 * open layers are frozen together and written to delta files by a thread of the store; any page can
 * be read as of any LSN that its timeline has reached.
 *
 * <p>What was put is lost with the process until {@link #durableOffset()} has passed it: the log is
 * replayed from there.
 *
 * <p>Threads: the writing methods ({@link #claim}, {@code put}, {@link #drop}, {@link #advance},
 * {@link #freeze}, {@link #awaitFlushed}) belong to one thread at a time; reading methods may be
 * called by any thread at any time and never wait for the writer. {@link #close} may be called by
 * any thread.
 */
public final class LayerStore implements Closeable {
  /**
   * Opens a partition's store for reading. Nothing in the home is written, deleted or locked until
   * {@link #claim}.
   *
   * @param home where the layers and the manifest are
   * @param ephemeralDirectory for the values of open and frozen layers; its content is worth
   *     nothing after a restart
   * @throws io.walstrata.layerstore.page.CorruptLayerException if the manifest is damaged
   * @throws IOException if the home cannot be read
   */
  public static LayerStore open(LayerHome home, Path ephemeralDirectory, LayerStoreOptions options)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Takes ownership of the home, so that this store alone may write to it: locks it, reads the
   * manifest again, raises its epoch and deletes files that it does not name. Called before the
   * first put; further calls do nothing.
   *
   * @throws IOException if another owner holds the home, or it cannot be written
   */
  public void claim() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Returns the last log offset that durable layers cover; empty if there are none. */
  public OptionalLong durableOffset() {
    throw new UnsupportedOperationException();
  }

  /**
   * Puts one version.
   *
   * @param offset the log offset it came with; never below the previous call's
   * @throws IllegalArgumentException if the LSN is not valid or the key is {@link PageKey#MAX}
   * @throws IOException if the ephemeral file cannot be written; the version is then not in the
   *     store
   */
  public PutResult put(long offset, TimelineId timeline, PageKey key, Lsn lsn, Value value)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Puts all versions of a batch; see {@link #put}. */
  public BatchResult put(long offset, ValueBatch batch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Drops a key range: from {@code lsn} on its pages read as dropped, below it as before. */
  public PutResult drop(long offset, TimelineId timeline, KeyRange keys, Lsn lsn)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Moves a timeline's last LSN on although nothing changed; a lower LSN does nothing. */
  public void advance(long offset, TimelineId timeline, Lsn lsn) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Freezes every open layer: what was put so far, and all of the log up to and including {@code
   * offset}, is covered by {@link #durableOffset()} once the files are written. Blocks while {@link
   * LayerStoreOptions#maxFrozen()} freeze points wait for their files.
   *
   * @param offset the freeze point: last log offset covered; not below any offset put
   */
  public void freeze(long offset) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Waits until every frozen layer is a delta file that the manifest names. */
  public void awaitFlushed() throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Returns why frozen layers cannot be written at the moment; empty when all is well. */
  public Optional<IOException> flushFailure() {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads a page as of an LSN, inclusive.
   *
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if the store has no such timeline
   * @throws io.walstrata.layerstore.page.LsnNotReachedException if {@code asOf} is above the
   *     timeline's last LSN
   * @throws io.walstrata.layerstore.page.CorruptLayerException if a layer file is damaged
   */
  public ReconstructData get(TimelineId timeline, PageKey key, Lsn asOf) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Returns the timelines, in the order of their ids. */
  public List<TimelineInfo> timelines() {
    throw new UnsupportedOperationException();
  }

  /**
   * Returns a timeline's layers, oldest first.
   *
   * @throws io.walstrata.layerstore.page.UnknownTimelineException if the store has no such timeline
   */
  public List<LayerDesc> layers(TimelineId timeline) {
    throw new UnsupportedOperationException();
  }

  /** Stops the flusher and closes files. What is not durable is lost. */
  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException();
  }
}
