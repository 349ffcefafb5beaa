package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * More records of tables, for which {@link HeapManager} has no type left: pruning, freezing,
 * visibility, rows inserted many at a time.
 *
 * <p>In PostgreSQL: formats {@code access/heapam_xlog.h}, text {@code heapdesc.c}, replay {@code
 * heapam.c}, from 18 on {@code heapam_xlog.c}.
 */
final class Heap2Manager implements ResourceManager {
  private static final int TYPE_MASK = 0x70;

  private static final int REWRITE = 0x00;

  /** This and the two that follow are the three kinds of prune from 17 on. */
  static final int PRUNE = 0x10;

  static final int VACUUM = 0x20;
  static final int FREEZE_PAGE = 0x30;
  static final int VISIBLE = 0x40;
  static final int MULTI_INSERT = 0x50;
  static final int LOCK_UPDATED = 0x60;
  private static final int NEW_CID = 0x70;
  static final int MULTI_INSERT_INIT = 0xD0;

  private static final int CATALOG = 0x02;
  private static final int HAS_HORIZON = 0x08;
  private static final int HAS_PLANS = 0x10;
  private static final int HAS_REDIRECTED = 0x20;
  private static final int HAS_DEAD = 0x40;
  private static final int HAS_UNUSED = 0x80;

  private static final int PLAN_BYTES = 12;

  @Override
  public Rmgr rmgr() {
    return Rmgr.HEAP2;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    boolean prune17 = version.atLeast(PgVersion.V17);
    return switch (type) {
      case REWRITE -> "REWRITE";
      case PRUNE -> prune17 ? "PRUNE_ON_ACCESS" : "PRUNE";
      case VACUUM -> prune17 ? "PRUNE_VACUUM_SCAN" : "VACUUM";
      case FREEZE_PAGE -> prune17 ? "PRUNE_VACUUM_CLEANUP" : "FREEZE_PAGE";
      case VISIBLE -> "VISIBLE";
      case MULTI_INSERT -> "MULTI_INSERT";
      case MULTI_INSERT_INIT -> "MULTI_INSERT+INIT";
      case LOCK_UPDATED -> "LOCK_UPDATED";
      case NEW_CID -> "NEW_CID";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    if (record.version().atLeast(PgVersion.V16)) {
      describe16(record, out);
    } else {
      describe15(record.mainData(), record.type() & TYPE_MASK, out);
    }
  }

  private static void describe16(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type() & TYPE_MASK) {
      case PRUNE, VACUUM, FREEZE_PAGE -> {
        if (record.version().atLeast(PgVersion.V17)) {
          prune17(record, out);
        } else {
          prune16(record, out);
        }
      }
      case VISIBLE ->
          out.add(
              "snapshotConflictHorizon: ",
              data.u32(0),
              ", flags: ",
              DescriptionBuilder.hex(data.u8(4)));
      case MULTI_INSERT -> {
        int count = data.u16(2);
        out.add("ntuples: ", count, ", flags: ", DescriptionBuilder.hex(data.u8(0)));
        if (record.type() != MULTI_INSERT_INIT && block0(record).length() > 0) {
          out.offsets(", offsets: ", data, 4, count);
        }
      }
      case LOCK_UPDATED -> HeapManager.lock16(data, out);
      case NEW_CID -> {
        out.add("rel: ").relation(data, 16).add(", tid: ", data.blockNumber(28));
        out.add("/", data.u16(32));
        newCid(data, ", ", out);
      }
      default -> {
        // REWRITE has no text beyond its type.
      }
    }
  }

  private static WalBytes block0(WalRecord record) {
    return record.hasBlock(0) ? record.block(0).data() : WalBytes.EMPTY;
  }

  private static void prune16(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    WalBytes block = block0(record);
    switch (record.type() & TYPE_MASK) {
      case PRUNE -> {
        int redirected = data.u16(4);
        int dead = data.u16(6);
        out.add("snapshotConflictHorizon: ", data.u32(0), ", nredirected: ", redirected);
        out.add(", ndead: ", dead);
        if (block.length() > 0) {
          int deadAt = 4 * redirected;
          int unusedAt = deadAt + 2 * dead;
          int unused = (block.length() - unusedAt) / 2;
          out.add(", nunused: ", unused);
          redirects(block, 0, redirected, out);
          out.offsets(", dead: ", block, deadAt, dead);
          out.offsets(", unused: ", block, unusedAt, unused);
        }
      }
      case VACUUM -> {
        int unused = data.u16(0);
        out.add("nunused: ", unused);
        if (block.length() > 0) {
          out.offsets(", unused: ", block, 0, unused);
        }
      }
      default -> {
        int plans = data.u16(4);
        out.add("snapshotConflictHorizon: ", data.u32(0), ", nplans: ", plans);
        if (block.length() > 0) {
          plans(block, 0, plans, PLAN_BYTES * plans, out);
        }
      }
    }
  }

  /*
   * Block data: plans (count 2, pad 2, plans), redirects (count 2, pairs), dead (count 2, offsets),
   * unused (count 2, offsets), each if flagged; then the offsets that the plans are for.
   */
  private static void prune17(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    int flags = data.u8(1);
    if ((flags & HAS_HORIZON) != 0) {
      out.add("snapshotConflictHorizon: ", data.u32(2));
    }
    out.add(", isCatalogRel: ", DescriptionBuilder.trueOrFalse(flags & CATALOG));
    WalBytes block = block0(record);
    if (block.length() == 0) {
      return;
    }
    int at = 0;
    final int plansAt = 4;
    final int plans = (flags & HAS_PLANS) != 0 ? block.u16(at) : 0;
    at += (flags & HAS_PLANS) != 0 ? 4 + PLAN_BYTES * plans : 0;
    final int redirected = (flags & HAS_REDIRECTED) != 0 ? block.u16(at) : 0;
    final int redirectedAt = at + 2;
    at += (flags & HAS_REDIRECTED) != 0 ? 2 + 4 * redirected : 0;
    final int dead = (flags & HAS_DEAD) != 0 ? block.u16(at) : 0;
    final int deadAt = at + 2;
    at += (flags & HAS_DEAD) != 0 ? 2 + 2 * dead : 0;
    final int unused = (flags & HAS_UNUSED) != 0 ? block.u16(at) : 0;
    final int unusedAt = at + 2;
    at += (flags & HAS_UNUSED) != 0 ? 2 + 2 * unused : 0;
    out.add(", nplans: ", plans, ", nredirected: ", redirected);
    out.add(", ndead: ", dead, ", nunused: ", unused);
    if (plans > 0) {
      plans(block, plansAt, plans, at, out);
    }
    if (redirected > 0) {
      redirects(block, redirectedAt, redirected, out);
    }
    if (dead > 0) {
      out.offsets(", dead: ", block, deadAt, dead);
    }
    if (unused > 0) {
      out.offsets(", unused: ", block, unusedAt, unused);
    }
  }

  private static void redirects(WalBytes block, int at, int count, DescriptionBuilder out) {
    out.array(
        ", redirected: ", count, i -> block.u16(at + 4 * i) + "->" + block.u16(at + 4 * i + 2));
  }

  /** Each plan: xmax 4, infomask2 2, infomask 2, flags 1, pad 1, number of tuples 2. */
  private static void plans(
      WalBytes block, int at, int count, int offsetsAt, DescriptionBuilder out) {
    out.add(", plans: [");
    int nextOffset = offsetsAt;
    for (int i = 0, plan = at; i < count; i++, plan += PLAN_BYTES) {
      int tuples = block.u16(plan + 10);
      out.add(i == 0 ? "" : ", ", "{ xmax: ", block.u32(plan));
      out.add(", infomask: ", block.u16(plan + 6), ", infomask2: ", block.u16(plan + 4));
      out.add(", ntuples: ", tuples).offsets(", offsets: ", block, nextOffset, tuples).add(" }");
      nextOffset += 2 * tuples;
    }
    out.add("]");
  }

  private static void describe15(WalBytes data, int type, DescriptionBuilder out) {
    switch (type) {
      case PRUNE -> {
        out.add("latestRemovedXid ", data.u32(0), " nredirected ", data.u16(4));
        out.add(" ndead ", data.u16(6));
      }
      case VACUUM -> out.add("nunused ", data.u16(0));
      case FREEZE_PAGE -> out.add("cutoff xid ", data.u32(0), " ntuples ", data.u16(4));
      case VISIBLE ->
          out.add("cutoff xid ", data.u32(0), " flags ", DescriptionBuilder.hex(data.u8(4)));
      case MULTI_INSERT ->
          out.add(data.u16(2), " tuples flags ", DescriptionBuilder.hex(data.u8(0)));
      case LOCK_UPDATED -> HeapManager.lock15("xmax", data, out);
      case NEW_CID -> {
        out.add("rel ").relation(data, 16).add("; tid ", data.blockNumber(28));
        out.add("/", data.u16(32));
        newCid(data, "; ", out);
      }
      default -> {
        // REWRITE has no text beyond its type.
      }
    }
  }

  @Override
  public RecordRedo redo() {
    return new Heap2Redo();
  }

  private static void newCid(WalBytes data, String separator, DescriptionBuilder out) {
    out.add(separator, "cmin: ", data.u32(4), ", cmax: ", data.u32(8));
    out.add(", combo: ", data.u32(12));
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    WalBytes data = record.mainData();
    int cleared = HeapManager.CLEARED;
    switch (record.type() & TYPE_MASK) {
      case MULTI_INSERT -> HeapManager.clearIf(data.u8(0) & cleared, record, 0, effects);
      case LOCK_UPDATED -> HeapManager.clearIf(data.u8(7) & cleared, record, 0, effects);
      default -> {
        // VISIBLE names the map's page; the others leave the map alone.
      }
    }
  }
}
