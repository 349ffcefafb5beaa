package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/** Descriptions of CLOG, CommitTs and MultiXact records. */
final class DescribeSlru {
  private static final int ZERO_PAGE = 0x00;
  private static final int TRUNCATE = 0x10;
  private static final int MULTIXACT_ZERO_MEMBERS = 0x10;
  private static final int MULTIXACT_CREATE = 0x20;
  private static final int MULTIXACT_TRUNCATE = 0x30;

  private static final String[] MEMBER_STATUS = {
    "keysh", "sh", "fornokeyupd", "forupd", "nokeyupd", "upd"
  };

  private DescribeSlru() {}

  static @Nullable String type(WalRecord record) {
    return switch (record.type()) {
      case ZERO_PAGE -> "ZEROPAGE";
      case TRUNCATE -> "TRUNCATE";
      default -> null;
    };
  }

  static void describeClog(WalRecord record, DescriptionBuilder out) {
    describe(record, "page ", "page ", "; oldestXact ", out);
  }

  static void describeCommitTs(WalRecord record, DescriptionBuilder out) {
    describe(record, "", "pageno ", ", oldestXid ", out);
  }

  private static void describe(
      WalRecord record, String zero, String cut, String oldest, DescriptionBuilder out) {
    switch (record.type()) {
      case ZERO_PAGE -> out.add(zero, SlruEffects.pageNumber(record));
      case TRUNCATE -> {
        // The page number has 8 bytes from 17 on.
        int xidAt = record.version().atLeast(PgVersion.V17) ? 8 : 4;
        out.add(cut, SlruEffects.pageNumber(record), oldest, record.mainData().u32(xidAt));
      }
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  static @Nullable String multixactType(WalRecord record) {
    return switch (record.type()) {
      case ZERO_PAGE -> "ZERO_OFF_PAGE";
      case MULTIXACT_ZERO_MEMBERS -> "ZERO_MEM_PAGE";
      case MULTIXACT_CREATE -> "CREATE_ID";
      case MULTIXACT_TRUNCATE -> "TRUNCATE_ID";
      default -> null;
    };
  }

  static void describeMultixact(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case ZERO_PAGE, MULTIXACT_ZERO_MEMBERS -> out.add(SlruEffects.pageNumber(record));
      case MULTIXACT_CREATE -> {
        int count = data.count(8, 8);
        out.add(data.u32(0), " offset ", data.u32(4), " nmembers ", count, ": ");
        for (int i = 0, at = 12; i < count; i++, at += 8) {
          out.add(data.u32(at), " (", status(data.i32(at + 4)), ") ");
        }
      }
      case MULTIXACT_TRUNCATE -> {
        out.add("offsets [", data.u32(4), ", ", data.u32(8));
        out.add("), members [", data.u32(12), ", ", data.u32(16), ")");
      }
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  private static String status(int status) {
    return status >= 0 && status < MEMBER_STATUS.length ? MEMBER_STATUS[status] : "unk";
  }
}
