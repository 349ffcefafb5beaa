package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.postgres.wal.Forks;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of relation files: a fork is created, a relation is truncated.
 *
 * <p>In PostgreSQL: formats {@code catalog/storage_xlog.h}, text {@code smgrdesc.c}, replay {@code
 * storage.c}.
 */
final class StorageManager implements ResourceManager {
  static final int CREATE = 0x10;
  static final int TRUNCATE = 0x20;

  private static final String[] FORK_SUFFIX = {"", "_fsm", "_vm", "_init"};

  private static final int TRUNCATE_MAIN = 1;
  static final int TRUNCATE_VM = 2;
  private static final int TRUNCATE_FSM = 4;

  @Override
  public Rmgr rmgr() {
    return Rmgr.STORAGE;
  }

  @Override
  public @Nullable String identify(int type, PgVersion version) {
    return switch (type) {
      case CREATE -> "CREATE";
      case TRUNCATE -> "TRUNCATE";
      default -> null;
    };
  }

  @Override
  public void describe(WalRecord record, DescriptionBuilder out) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case CREATE -> {
        out.path(record.version(), data.u32(0), data.u32(4), data.u32(8));
        int fork = data.i32(12);
        out.add(fork >= 0 && fork < FORK_SUFFIX.length ? FORK_SUFFIX[fork] : "_fork" + fork);
      }
      case TRUNCATE -> {
        out.path(record.version(), data.u32(4), data.u32(8), data.u32(12));
        out.add(" to ", data.u32(0), " blocks flags ", data.i32(16));
      }
      default -> {
        // An unknown type has no text but its number.
      }
    }
  }

  @Override
  public RecordRedo redo() {
    return new StorageRedo();
  }

  @Override
  public void effects(WalRecord record, EffectsBuilder effects) {
    WalBytes data = record.mainData();
    switch (record.type()) {
      case CREATE -> {
        int fork = data.i32(12);
        if (fork < 0 || fork > 3) {
          throw data.error("unknown fork in a Storage CREATE record: fork=" + fork);
        }
        effects.init(() -> PgKeys.size(data.u32(0), data.u32(4), data.u32(8), fork));
      }
      case TRUNCATE -> truncate(data, effects);
      default -> throw data.error("unknown type of Storage record: info=" + record.info());
    }
  }

  private static void truncate(WalBytes data, EffectsBuilder effects) {
    long blocks = data.u32(0);
    int flags = data.i32(16);
    if ((flags & TRUNCATE_MAIN) != 0) {
      cut(data, PgKeys.MAIN_FORK, blocks, effects);
    }
    if ((flags & TRUNCATE_VM) != 0) {
      cut(data, PgKeys.VM_FORK, Forks.visibilityMapBlocks(blocks), effects);
      if (Forks.endsWithinVisibilityMapPage(blocks)) {
        // The bits after the last block are cleared on the page that stays.
        effects.change(
            () ->
                PgKeys.block(
                    data.u32(4),
                    data.u32(8),
                    data.u32(12),
                    PgKeys.VM_FORK,
                    Forks.visibilityMapBlock(blocks)));
      }
    }
    if ((flags & TRUNCATE_FSM) != 0) {
      cut(data, PgKeys.FSM_FORK, Forks.freeSpaceMapBlocks(blocks), effects);
    }
  }

  /** Deletes a fork's blocks from {@code blocks} on, and sets the fork's size. */
  private static void cut(WalBytes data, int fork, long blocks, EffectsBuilder effects) {
    long spc = data.u32(4);
    long db = data.u32(8);
    long rel = data.u32(12);
    if (blocks < PgKeys.SIZE_BLOCK) {
      effects.tombstone(
          () ->
              new KeyRange(
                  PgKeys.block(spc, db, rel, fork, blocks), PgKeys.size(spc, db, rel, fork)));
    }
    effects.init(() -> PgKeys.size(spc, db, rel, fork));
  }
}
