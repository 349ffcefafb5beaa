package io.walstrata.layerstore.page;

import java.io.IOException;

/**
 * Bytes read from a file differ from what was written: the message names the file, the offset, what
 * was expected and what was found. The file is not changed.
 */
public class CorruptLayerException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;

  /**
   * @param file the damaged file, as its home names it
   * @param offset first byte of the damaged structure, in bytes from the start of the file
   * @param what the structure or field, for instance {@code block checksum}
   * @param expected what should have been there
   * @param actual what was there
   */
  public CorruptLayerException(
      String file, long offset, String what, Object expected, Object actual) {
    super(
        "corrupt layer: "
            + what
            + " does not match, file="
            + file
            + ", offset="
            + offset
            + ", expected="
            + expected
            + ", actual="
            + actual);
    this.file = file;
  }

  /** Creates an exception for the same damage, of which more is known. */
  protected CorruptLayerException(CorruptLayerException damage) {
    super(damage.getMessage(), damage);
    this.file = damage.file;
  }

  /** Returns the damaged file, as its home names it. */
  public String file() {
    return file;
  }
}
