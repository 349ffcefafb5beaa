package io.walstrata.layerstore;

/** What a check found of a file. */
public enum FileVerdict {
  /**
   * Every byte is as it was written, and the file is the one that its name and its manifest say.
   */
  INTACT,
  /** Bytes are not what was written, or the file is missing, or another one. */
  DAMAGED,
  /** Intact, as far as can be known, but of a format version that this program cannot read. */
  UNKNOWN_VERSION,
  /** Neither named like a layer file nor like one inside. */
  NOT_A_LAYER,
  /** It cannot be read: no such file, no right to, or the disk fails. */
  UNREADABLE,
  /** Nothing reads the file: it is left over, being written, a note, or set aside. No damage. */
  UNUSED
}
