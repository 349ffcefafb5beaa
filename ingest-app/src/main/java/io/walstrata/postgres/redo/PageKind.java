package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.wal.PgKeys;

/** What a key stands for, as far as redo differs. */
enum PageKind {
  /** A page of a relation: of its main fork, or of its init fork. */
  RELATION,
  /** A page of a free space map: not logged, but for images. */
  FREE_SPACE_MAP,
  /** A page of a visibility map: records that do not refer to it change it too. */
  VISIBILITY_MAP,
  /** A page of a transaction status area: it has no page header. */
  SLRU,
  /** A relation map file: shorter than a page. */
  RELATION_MAP,
  /** The state of a prepared transaction, of any length. */
  TWO_PHASE,
  /** The size of a fork: no page, but redo knows it. */
  SIZE,
  /** No page: a directory, the cluster's own state. */
  NONE;

  /** Returns whether every such page has 8192 bytes. */
  boolean hasPageLength() {
    return this != RELATION_MAP && this != TWO_PHASE && this != SIZE;
  }

  static PageKind of(PageKey key) {
    return switch (key.kind()) {
      case 0 -> ofRelation(key);
      case 1 -> SLRU;
      case 2 -> TWO_PHASE;
      default -> NONE;
    };
  }

  private static PageKind ofRelation(PageKey key) {
    if (key.rel() == 0) {
      boolean isMap = key.spc() != 0 && key.fork() == PgKeys.MAIN_FORK && key.block() == 0;
      return isMap ? RELATION_MAP : NONE;
    }
    if (key.block() == PgKeys.SIZE_BLOCK) {
      return SIZE;
    }
    return switch (key.fork()) {
      case PgKeys.FSM_FORK -> FREE_SPACE_MAP;
      case PgKeys.VM_FORK -> VISIBILITY_MAP;
      default -> RELATION;
    };
  }
}
