package io.walstrata.postgres.wal;

import org.jspecify.annotations.Nullable;

/**
 * The bytes that a reader was given and has not used yet. The position may lie after the end: bytes
 * before it are discarded as they arrive.
 */
final class WalInput {
  private static final int PAGE_BYTES = WalPageHeader.PAGE_BYTES;

  private byte[] buffer = new byte[2 * PAGE_BYTES];

  /** Index of the byte at {@link #position}, if that is not after the end. */
  private int head;

  /** Index after the last byte. */
  private int tail;

  private long position;
  private long end;

  WalInput(long start) {
    position = start;
    end = start;
  }

  /** Returns the LSN of the next byte to use. */
  long position() {
    return position;
  }

  /** Returns the LSN after the last byte given. */
  long end() {
    return end;
  }

  boolean isAtPageStart() {
    return WalPositions.inPage(position) == 0;
  }

  /** Returns how many bytes from the position on are here. */
  int available() {
    return tail - head;
  }

  /** Adds bytes at the end. */
  void append(byte[] bytes, int offset, int length) {
    long unwanted = unwanted(length);
    end = WalPositions.plus(end, length);
    int wanted = length - (int) unwanted;
    if (wanted > 0) {
      makeRoom(wanted);
      System.arraycopy(bytes, offset + (int) unwanted, buffer, tail, wanted);
      tail += wanted;
    }
  }

  /** Returns how many of so many bytes at the end lie before the position. */
  private long unwanted(int length) {
    if (Long.compareUnsigned(position, end) < 0) {
      return 0;
    }
    long ahead = position - end;
    return Long.compareUnsigned(ahead, length) < 0 ? ahead : length;
  }

  private void makeRoom(int length) {
    int kept = tail - head;
    if (tail + (long) length <= buffer.length) {
      return;
    }
    byte[] target = buffer;
    if (kept + (long) length > buffer.length) {
      target = new byte[Math.max(Math.addExact(kept, length), 2 * Math.min(kept, 1 << 29))];
    }
    System.arraycopy(buffer, head, target, 0, kept);
    buffer = target;
    head = 0;
    tail = kept;
  }

  /** Moves forward, also to after the end. The target is at or after the position. */
  void moveTo(long target) {
    long distance = target - position;
    head += Long.compareUnsigned(distance, available()) < 0 ? (int) distance : available();
    position = target;
  }

  /** Moves forward to the next multiple of 8. */
  void align() {
    moveTo(WalPositions.roundUp(position, 8));
  }

  /** Moves forward to the next page, unless this is the start of one. */
  void skipToPage() {
    moveTo(WalPositions.roundUp(position, PAGE_BYTES));
  }

  /** Returns the header at the position, or null if not all of it is here. */
  @Nullable WalPageHeader pageHeader() {
    if (available() < WalPageHeader.SHORT_BYTES
        || available() < WalPageHeader.length(buffer, head)) {
      return null;
    }
    return new WalPageHeader(buffer, head);
  }

  /** Returns the unsigned 32 bits at the position, which must be here. */
  long peekU32() {
    return LittleEndian.u32(buffer, head);
  }

  /** Returns whether all that is here of this page is zero. */
  boolean isBlankToPageEnd() {
    int length = Math.min(available(), bytesToPageEnd());
    for (int i = head; i < head + length; i++) {
      if (buffer[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Skips up to {@code length} bytes of this page, and returns how many are left. */
  long skipInPage(long length) {
    long skipped = Math.min(length, bytesToPageEnd());
    moveTo(WalPositions.plus(position, skipped));
    return length - skipped;
  }

  /** Appends to the record what is here of it in this page; returns how much. */
  int copyInPage(RecordBuilder record) {
    int length = Math.min(record.missing(), Math.min(available(), bytesToPageEnd()));
    record.append(buffer, head, length);
    moveTo(WalPositions.plus(position, length));
    return length;
  }

  private int bytesToPageEnd() {
    return PAGE_BYTES - WalPositions.inPage(position);
  }
}
