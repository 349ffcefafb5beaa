package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32C;

/** Makes WAL records for tests, byte by byte as PostgreSQL lays them out. */
public final class RecordMaker {
  public static final int RMGR_XLOG = 0;
  public static final int RMGR_TRANSACTION = 1;
  public static final int RMGR_STORAGE = 2;
  public static final int RMGR_HEAP = 10;

  public static final int IMAGE_APPLY = BlockReference.IMAGE_APPLY;

  private final ByteArrayOutputStream headers = new ByteArrayOutputStream();
  private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
  private final int rmgr;
  private final int info;
  private long xid;

  private RecordMaker(int rmgr, int info) {
    this.rmgr = rmgr;
    this.info = info;
  }

  public static RecordMaker record(int rmgr, int info) {
    return new RecordMaker(rmgr, info);
  }

  public RecordMaker xid(long transaction) {
    xid = transaction;
    return this;
  }

  /** Adds a block of relation 1663/5/16384 with data and, if given, more flags. */
  public RecordMaker block(int id, int fork, long block, int flags, byte[] data) {
    return block(id, 1663, 5, 16384, fork, block, flags, data);
  }

  public RecordMaker block(
      int id, long spc, long db, long rel, int fork, long block, int flags, byte[] data) {
    headers.write(id);
    headers.write(fork | flags | (data.length > 0 ? 0x20 : 0));
    headers.writeBytes(u16(data.length));
    headers.writeBytes(bytes(u32(spc), u32(db), u32(rel), u32(block)));
    payload.writeBytes(data);
    return this;
  }

  /** Adds a block of relation 1663/5/16384 with an image. */
  public RecordMaker image(
      int id, long block, byte[] stored, int imageInfo, int holeOffset, int holeLength) {
    headers.write(id);
    headers.write(0x10);
    headers.writeBytes(u16(0));
    headers.writeBytes(bytes(u16(stored.length), u16(holeOffset)));
    headers.write(imageInfo);
    if ((imageInfo & 0x1C) != 0 && (imageInfo & 1) != 0) {
      headers.writeBytes(u16(holeLength));
    }
    headers.writeBytes(bytes(u32(1663), u32(5), u32(16384), u32(block)));
    payload.writeBytes(stored);
    return this;
  }

  /** Adds a block with an image to be applied, without a hole. */
  public RecordMaker image(int id, long spc, long db, long rel, int fork, long block, byte[] page) {
    headers.write(id);
    headers.write(fork | 0x10);
    headers.writeBytes(bytes(u16(0), u16(page.length), u16(0)));
    headers.write(IMAGE_APPLY);
    headers.writeBytes(bytes(u32(spc), u32(db), u32(rel), u32(block)));
    payload.writeBytes(page);
    return this;
  }

  /** Adds the main data, always the last part. */
  public RecordMaker main(byte[] data) {
    if (data.length < 256) {
      headers.write(255);
      headers.write(data.length);
    } else {
      headers.write(254);
      headers.writeBytes(u32(data.length));
    }
    payload.writeBytes(data);
    return this;
  }

  /** Adds headers as they are. */
  RecordMaker rawHeaders(byte[] bytes) {
    headers.writeBytes(bytes);
    return this;
  }

  public byte[] bytes(Lsn prev) {
    byte[] body = bytes(headers.toByteArray(), payload.toByteArray());
    byte[] record =
        bytes(
            u32(24 + body.length),
            u32(xid),
            u64(prev.value()),
            new byte[] {(byte) info, (byte) rmgr, 0, 0},
            u32(0),
            body);
    fixCrc(record);
    return record;
  }

  /** Returns the record as a reader would, of version 18, from 0/1000000 to 0/1000100. */
  public WalRecord parse() {
    return parse(PgVersion.V18);
  }

  public WalRecord parse(PgVersion version) {
    return WalRecord.parse(
        version.magic(), bytes(Lsn.of(0x800000)), Lsn.of(0x1000000), Lsn.of(0x1000100));
  }

  /** Makes the checksum right after a change. */
  public static void fixCrc(byte[] record) {
    CRC32C crc = new CRC32C();
    crc.update(record, 24, record.length - 24);
    crc.update(record, 0, 20);
    LittleEndian.putI32(record, 20, (int) crc.getValue());
  }

  public static byte[] u16(int value) {
    return new byte[] {(byte) value, (byte) (value >>> 8)};
  }

  public static byte[] u32(long value) {
    byte[] bytes = new byte[4];
    LittleEndian.putI32(bytes, 0, (int) value);
    return bytes;
  }

  public static byte[] u64(long value) {
    return bytes(u32(value), u32(value >>> 32));
  }

  public static byte[] bytes(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
