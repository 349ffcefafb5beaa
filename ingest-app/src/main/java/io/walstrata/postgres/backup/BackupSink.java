package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;

/** Takes the versions of a base backup. */
public interface BackupSink {
  /**
   * Takes an image. Each key comes once; the order is the same each time the backup is read.
   *
   * @param value not written to later
   */
  void put(PageKey key, byte[] value);

  /** Called after each file. */
  void fileDone();

  /** Takes a sentence about something that the user must know. */
  void warn(String sentence);

  /**
   * Takes a file whose keys cannot be represented, which is left out.
   *
   * @throws RuntimeException if that is not to be
   */
  void unrepresentable(String path, UnrepresentableKeyException e);
}
