package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.WalException;
import java.util.zip.CRC32C;

/** Replays records of relation maps: each has the whole file. */
final class RelationMapRedo implements RecordRedo {
  /*
   * UPDATE: database 4 | tablespace 4 | length 4 | file
   *
   * File: magic 4 | number of mappings 4 | mappings, 8 each: catalog 4, file 4 | CRC-32C of all
   * before it 4. In 15 room for 62 mappings and 4 bytes of padding at the end, from 16 on for 64.
   */
  private static final int HEADER_BYTES = 12;
  private static final int CRC_BYTES = 4;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    ByteSpan main = record.main();
    PageKey key = record.key();
    if (record.type() != RelationMapManager.UPDATE
        || key.kind() != 0
        || key.rel() != 0
        || key.block() != 0
        || key.db() != main.u32(0)
        || key.spc() != main.u32(4)) {
      throw RecordRedo.unsupported(record);
    }
    boolean isOld = !record.version().atLeast(PgVersion.V16);
    int crcAt = isOld ? 504 : 520;
    int length = isOld ? crcAt + CRC_BYTES + 4 : crcAt + CRC_BYTES;
    if (main.i32(8) != length || main.length() != HEADER_BYTES + length) {
      throw new WalException(
          record.endLsn(),
          "not a relation map of this version: length="
              + main.i32(8)
              + ", expected="
              + length
              + ", version="
              + record.version().major());
    }
    byte[] file = new byte[length];
    main.copyTo(HEADER_BYTES, file, 0, length);
    CRC32C crc = new CRC32C();
    crc.update(file, 0, crcAt);
    LittleEndian.putI32(file, crcAt, (int) crc.getValue());
    page.replace(file);
    return LsnStamp.KEEP;
  }

  @Override
  public boolean startsFromNothing(RecordView record) {
    return record.type() == RelationMapManager.UPDATE;
  }
}
