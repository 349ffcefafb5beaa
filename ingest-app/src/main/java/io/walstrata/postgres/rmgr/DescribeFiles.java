package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/** Descriptions of records about files: Storage, Database, Tablespace, RelMap, Sequence. */
final class DescribeFiles {
  private static final String[] FORK_SUFFIX = {"", "_fsm", "_vm", "_init"};

  private DescribeFiles() {}

  static @Nullable String storageType(WalRecord record) {
    return switch (record.type()) {
      case 0x10 -> "CREATE";
      case 0x20 -> "TRUNCATE";
      default -> null;
    };
  }

  static void describeStorage(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case 0x10 -> {
        out.path(record.version(), data.u32(0), data.u32(4), data.u32(8));
        int fork = data.i32(12);
        out.add(fork >= 0 && fork < FORK_SUFFIX.length ? FORK_SUFFIX[fork] : "_fork" + fork);
      }
      case 0x20 -> {
        out.path(record.version(), data.u32(4), data.u32(8), data.u32(12));
        out.add(" to ", data.u32(0), " blocks flags ", data.i32(16));
      }
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  static @Nullable String databaseType(WalRecord record) {
    return switch (record.type()) {
      case 0x00 -> "CREATE_FILE_COPY";
      case 0x10 -> "CREATE_WAL_LOG";
      case 0x20 -> "DROP";
      default -> null;
    };
  }

  static void describeDatabase(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case 0x00 -> {
        out.add("copy dir ", data.u32(12), "/", data.u32(8));
        out.add(" to ", data.u32(4), "/", data.u32(0));
      }
      case 0x10 -> out.add("create dir ", data.u32(4), "/", data.u32(0));
      case 0x20 -> {
        out.add("dir");
        int count = data.count(4, 4);
        for (int i = 0; i < count; i++) {
          out.add(" ", data.u32(8 + 4 * i), "/", data.u32(0));
        }
      }
      default -> {
        // Unknown: the type says so.
      }
    }
  }

  static @Nullable String tablespaceType(WalRecord record) {
    return switch (record.type()) {
      case 0x00 -> "CREATE";
      case 0x10 -> "DROP";
      default -> null;
    };
  }

  static void describeTablespace(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add(data.u32(0));
    if (record.type() == 0x00) {
      out.add(" \"", data.cString(4), "\"");
    }
  }

  static @Nullable String relationMapType(WalRecord record) {
    return record.type() == 0x00 ? "UPDATE" : null;
  }

  static void describeRelationMap(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    out.add("database ", data.u32(0), " tablespace ", data.u32(4), " size ", data.i32(8));
  }

  static @Nullable String sequenceType(WalRecord record) {
    return record.type() == 0x00 ? "LOG" : null;
  }

  static void describeSequence(WalRecord record, DescriptionBuilder out) {
    out.add("rel ").relation(record.mainData(), 0);
  }
}
