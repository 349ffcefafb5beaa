package io.walstrata.layerstore.page;

/**
 * Bounds the heap that a read may take. Asked before the bytes are loaded, by the reading thread
 * alone. What a read has taken when it ends, or fails, is its caller's to give back: the result
 * holds it.
 */
public interface ReadLimit {
  /** Takes nothing into account. */
  ReadLimit NONE =
      new ReadLimit() {
        @Override
        public void take(long bytes) {}

        @Override
        public void giveBack(long bytes) {}
      };

  /** What a version in a result takes beside its bytes: objects, references, and their copies. */
  int BYTES_PER_VERSION = 128;

  /** What the description of a layer or timeline in a result takes. */
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
