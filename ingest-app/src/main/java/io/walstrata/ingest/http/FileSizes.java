package io.walstrata.ingest.http;

import io.walstrata.layerstore.page.PageKey;
import org.jspecify.annotations.Nullable;

/**
 * How the size of a file of pages is kept: on a key of its own, whose page is the number of blocks.
 * Called by many threads at once.
 */
public interface FileSizes {
  /** No file has a size. */
  FileSizes NONE =
      new FileSizes() {
        @Override
        public @Nullable PageKey sizeKey(PageKey key) {
          return null;
        }

        @Override
        public Size size(byte[] page) {
          throw new IllegalStateException("no sizes");
        }
      };

  /**
   * Returns the key of the size of the file that has a page.
   *
   * @param key of any of its pages, or of its size; null if it is that of another thing
   */
  @Nullable PageKey sizeKey(PageKey key);

  /**
   * Returns the size.
   *
   * @param page what redo makes of the size's key
   */
  Size size(byte[] page);

  /**
   * A number of blocks.
   *
   * @param bound how exact it is, one word for programs
   */
  record Size(long blocks, String bound) {}
}
