package io.walstrata.layerstore.page;

import java.util.Arrays;

/**
 * A version's value: an image of the page, or a WAL record. The array is not copied, so neither the
 * caller nor the store may write to it afterwards.
 */
public final class Value {
  /** The longest value that a store takes: 64 MiB. */
  public static final int MAX_BYTES = 64 << 20;

  private final ValueKind kind;
  private final byte[] bytes;

  public Value(ValueKind kind, byte[] bytes) {
    this.kind = kind;
    this.bytes = bytes;
  }

  public static Value image(byte[] page) {
    return new Value(ValueKind.IMAGE, page);
  }

  public static Value walRecord(byte[] walRecord, boolean willInit) {
    return new Value(willInit ? ValueKind.WAL_RECORD_WILL_INIT : ValueKind.WAL_RECORD, walRecord);
  }

  public ValueKind kind() {
    return kind;
  }

  /** Returns the bytes themselves, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Value that && kind == that.kind && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * kind.hashCode() + Arrays.hashCode(bytes);
  }

  /** Returns the kind and the length, not the bytes. */
  @Override
  public String toString() {
    return kind + "(" + bytes.length + " bytes)";
  }
}
