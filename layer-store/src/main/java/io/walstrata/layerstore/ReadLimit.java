package io.walstrata.layerstore;

/**
 * Bounds the heap that a read may take. Called before bytes are loaded, by the reading thread only.
 * The caller of a read gives back the bytes that are still taken when it ends or fails, as the
 * result holds them.
 */
public interface ReadLimit {
  /** A limit that never refuses. */
  ReadLimit NONE =
      new ReadLimit() {
        @Override
        public void take(long bytes) {}

        @Override
        public void giveBack(long bytes) {}
      };

  /**
   * The heap that a version in a result takes in addition to its bytes: objects, references, and
   * their copies.
   */
  int BYTES_PER_VERSION = 128;

  /** The heap that the description of a layer or timeline in a result takes. */
  int BYTES_PER_DESCRIPTION = 512;

  /**
   * Takes bytes that are about to be loaded.
   *
   * @throws ReadLimitException if there is no room for them; nothing is taken then
   */
  void take(long bytes);

  /** Gives back bytes that were taken and are not kept. */
  void giveBack(long bytes);
}
