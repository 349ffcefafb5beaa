package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes WAL for tests: pages of one or more 1 MiB segments, records laid over them. */
public final class WalMaker {
  public static final int SEGMENT = 1 << 20;
  public static final int PAGE = 8192;
  static final long SYSTEM = 0x1122334455667788L;

  private final long start;
  private byte[] wal = new byte[SEGMENT];
  private int length;
  private int magic = PgVersion.V18.magic();
  private long timeline = 1;
  private Lsn prev = Lsn.INVALID;

  /** Starts of all records, in order. */
  public final List<Lsn> starts = new ArrayList<>();

  /** The records' bytes, in order. */
  final List<byte[]> records = new ArrayList<>();

  /** Starts with the page at this position. */
  public WalMaker(long start) {
    this.start = start;
  }

  WalMaker magic(int value) {
    magic = value;
    return this;
  }

  public WalMaker timeline(long value) {
    timeline = value;
    return this;
  }

  /** Makes the next record name this one as the one before it. */
  public WalMaker prev(Lsn value) {
    prev = value;
    return this;
  }

  public Lsn position() {
    return Lsn.of(start + length);
  }

  /** Adds a record; returns where it starts. */
  public Lsn add(RecordMaker maker) {
    int begun = begin(maker);
    byte[] record = records.get(begun);
    write(record, 0, record.length);
    align();
    return starts.get(begun);
  }

  /** Adds a record of {@code size} bytes of main data, all of them {@code fill}. */
  public Lsn add(int size, int fill) {
    byte[] data = new byte[size];
    Arrays.fill(data, (byte) fill);
    return add(RecordMaker.record(RecordMaker.RMGR_XLOG, 0xB0).main(data));
  }

  /** Adds an XLOG_SWITCH record and blanks the rest of the segment. */
  public Lsn addSwitch() {
    Lsn lsn = add(RecordMaker.record(RecordMaker.RMGR_XLOG, 0x40));
    length = (int) ((start + length + SEGMENT - 1 & -SEGMENT) - start);
    ensure(0);
    return lsn;
  }

  /**
   * Adds the beginning of a record, up to the end of the page, and a page that gives it up. The
   * record is not in the lists.
   */
  public Lsn addAbandoned(int size) {
    Lsn before = prev;
    int begun = begin(RecordMaker.record(RecordMaker.RMGR_XLOG, 0xB0).main(new byte[size]));
    Lsn lsn = starts.remove(begun);
    byte[] record = records.remove(begun);
    write(record, 0, PAGE - length % PAGE);
    page(8, 0);
    prev = before;
    return lsn;
  }

  private int begin(RecordMaker maker) {
    if (length % PAGE == 0) {
      page(0, 0);
    }
    Lsn lsn = position();
    starts.add(lsn);
    records.add(maker.bytes(prev));
    prev = lsn;
    return starts.size() - 1;
  }

  private void write(byte[] record, int from, int count) {
    int at = from;
    while (at < from + count) {
      if (length % PAGE == 0 && at > from) {
        page(1, record.length - at);
      }
      int part = Math.min(from + count - at, PAGE - length % PAGE);
      put(Arrays.copyOfRange(record, at, at + part));
      at += part;
    }
  }

  private void align() {
    length = (length + 7) & -8;
    ensure(0);
  }

  private void page(int info, int rest) {
    boolean first = (start + length) % SEGMENT == 0;
    byte[] header =
        RecordMaker.bytes(
            RecordMaker.u16(magic),
            RecordMaker.u16(info | (first ? 2 : 0)),
            RecordMaker.u32(timeline),
            RecordMaker.u64(start + length),
            RecordMaker.u32(rest),
            RecordMaker.u32(0));
    put(header);
    if (first) {
      put(
          RecordMaker.bytes(
              RecordMaker.u64(SYSTEM), RecordMaker.u32(SEGMENT), RecordMaker.u32(PAGE)));
    }
  }

  private void put(byte[] bytes) {
    ensure(bytes.length);
    System.arraycopy(bytes, 0, wal, length, bytes.length);
    length += bytes.length;
  }

  private void ensure(int more) {
    if (length + more > wal.length) {
      wal = Arrays.copyOf(wal, Math.max(2 * wal.length, length + more));
    }
  }

  /** Returns what was written so far. */
  public byte[] wal() {
    return Arrays.copyOf(wal, length);
  }

  /** Returns what was written so far, and zeros up to the end of the segment. */
  public byte[] segment() {
    return Arrays.copyOf(wal, (length + SEGMENT - 1) / SEGMENT * SEGMENT);
  }
}
