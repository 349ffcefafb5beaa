package io.walstrata.layerstore;

/** The result of checking a file. */
public enum FileVerdict {
  /**
   * Every byte is as it was written, and the file is the one that its name and the manifest
   * describe.
   */
  INTACT,
  /** Bytes differ from what was written, the file is missing, or it is a different file. */
  DAMAGED,
  /** Of a format version that this program cannot read; as far as that can be checked, intact. */
  UNKNOWN_VERSION,
  /** Neither the name nor the content is that of a layer file. */
  NOT_A_LAYER,
  /** It cannot be read: it does not exist, access is denied, or the disk fails. */
  UNREADABLE,
  /**
   * Nothing reads the file: it is left over, being written, a note, or set aside. This is no
   * damage.
   */
  UNUSED
}
