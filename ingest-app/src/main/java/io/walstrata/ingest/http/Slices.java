package io.walstrata.ingest.http;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Copies bytes in slices of one length; the last may be shorter. For one thread at a time. */
final class Slices implements Iterator<byte[]> {
  private final byte[] bytes;
  private final int length;
  private int done;

  Slices(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
  }

  @Override
  public boolean hasNext() {
    return done < bytes.length;
  }

  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int start = done;
    done = Math.min(bytes.length, start + length);
    return Arrays.copyOfRange(bytes, start, done);
  }
}
