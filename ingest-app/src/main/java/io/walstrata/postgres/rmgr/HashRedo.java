package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.page.HashMetaPage;
import io.walstrata.postgres.page.HashPage;
import io.walstrata.postgres.page.IndexTuple;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordView;

/**
 * Replays the records of hash indexes. The records' structures have the names of {@code
 * access/hash_xlog.h}. SPLIT_PAGE is not here: it always has the page's image.
 *
 * <p>In PostgreSQL: {@code hash_xlog.c}.
 */
final class HashRedo implements RecordRedo {
  private static final int UPDATE_MASKS = 1;
  private static final int UPDATE_SPLITPOINT = 2;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    switch (record.type()) {
      case HashManager.INIT_META_PAGE -> initMetaPage(record, page);
      case HashManager.INIT_BITMAP_PAGE -> initBitmapPage(record, page);
      case HashManager.INSERT -> insert(record, page);
      case HashManager.ADD_OVFL_PAGE -> addOverflowPage(record, page);
      case HashManager.SPLIT_ALLOCATE_PAGE -> splitAllocatePage(record, page);
      case HashManager.SPLIT_COMPLETE -> splitComplete(record, page);
      case HashManager.MOVE_PAGE_CONTENTS -> {
        return movePageContents(record, page);
      }
      case HashManager.SQUEEZE_PAGE -> {
        return squeezePage(record, page);
      }
      case HashManager.DELETE -> {
        return delete(record, page);
      }
      case HashManager.SPLIT_CLEANUP -> {
        only(record, 0);
        HashPage.check(page);
        HashPage.clearFlag(page, HashPage.NEEDS_SPLIT_CLEANUP);
      }
      case HashManager.UPDATE_META_PAGE -> {
        only(record, 0);
        HashMetaPage.check(page);
        HashMetaPage.setTuples(page, Double.longBitsToDouble(record.main().i64(0)));
      }
      case HashManager.VACUUM_ONE_PAGE -> vacuumOnePage(record, page);
      default -> throw RecordRedo.unsupported(record);
    }
    return LsnStamp.SET;
  }

  /** Refuses a record whose reference to the page is not this one. */
  private static void only(RecordView record, int blockId) {
    if (record.blockId() != blockId) {
      throw RecordRedo.unsupported(record);
    }
  }

  /** {@code xl_hash_init_meta_page}: num_tuples 8, procid 4, ffactor 2. Block 0 is the page. */
  private static void initMetaPage(RecordView record, Page page) {
    only(record, 0);
    ByteSpan main = record.main();
    HashMetaPage.init(page, Double.longBitsToDouble(main.i64(0)), main.u32(8), main.u16(12));
  }

  /*
   * xl_hash_init_bitmap_page: bmsize 2. Block 0 is the bitmap page, the first after the buckets'
   * pages; block 1 is the meta page.
   */
  private static void initBitmapPage(RecordView record, Page page) {
    if (record.blockId() == 0) {
      HashPage.initBitmap(page, record.main().u16(0));
    } else {
      only(record, 1);
      HashMetaPage.check(page);
      HashMetaPage.addMap(page, HashMetaPage.maxBucket(page) + 2);
    }
  }

  /** {@code xl_hash_insert}: offnum 2. Block 0 gets the tuple, block 1 is the meta page. */
  private static void insert(RecordView record, Page page) {
    if (record.blockId() == 0) {
      HashPage.check(page);
      ByteSpan tuple = record.block(0).data();
      insert(page, record.main().u16(0), tuple, 0, tuple.length());
    } else {
      only(record, 1);
      changeCount(page, 1);
    }
  }

  private static void insert(Page page, int number, ByteSpan data, int start, int length) {
    if (length < IndexTuple.HEADER_BYTES) {
      throw new PageException("item too short for an index tuple: length=" + length);
    }
    int at = page.insertItem(number, length);
    data.copyTo(start, page.bytes(), at, length);
  }

  private static void changeCount(Page page, int count) {
    HashMetaPage.check(page);
    HashMetaPage.setTuples(page, HashMetaPage.tuples(page) + count);
  }

  /*
   * xl_hash_add_ovfl_page: bmsize 2, bmpage_found 1. Block 0 is the new page, its data the bucket;
   * block 1 the page before it; block 2 the bitmap page, its data the bit; block 3 a new bitmap
   * page; block 4 the meta page, its data the lowest free page.
   */
  private static void addOverflowPage(RecordView record, Page page) {
    int blockId = record.blockId();
    ByteSpan data = record.block(blockId).data();
    switch (blockId) {
      case 0 -> HashPage.init(page, record.block(1).block(), data.u32(0), HashPage.OVERFLOW);
      case 1 -> setNext(page, record.block(0).block());
      case 2 -> putBit(page, data.u32(0), true);
      case 3 -> HashPage.initBitmap(page, record.main().u16(0));
      default -> {
        only(record, 4);
        HashMetaPage.check(page);
        HashMetaPage.setFirstFree(page, data.u32(0));
        if (record.main().u8(2) == 0) {
          HashMetaPage.addSpare(page);
          if (record.hasBlock(3)) {
            HashMetaPage.addMap(page, record.block(3).block());
            HashMetaPage.addSpare(page);
          }
        }
      }
    }
  }

  private static void setNext(Page page, long block) {
    HashPage.check(page);
    HashPage.setNext(page, block);
  }

  private static void putBit(Page page, long bit, boolean isSet) {
    HashPage.check(page);
    HashPage.putBit(page, bit, isSet);
  }

  /*
   * xl_hash_split_allocate_page: new_bucket 4, old_bucket_flag 2, new_bucket_flag 2, flags 1.
   * Blocks 0 and 1 are the buckets' first pages, block 2 the meta page: its data, if flagged, the
   * low and the high mask, and the phase and its spare pages.
   */
  private static void splitAllocatePage(RecordView record, Page page) {
    ByteSpan main = record.main();
    long newBucket = main.u32(0);
    switch (record.blockId()) {
      case 0 -> {
        HashPage.check(page);
        HashPage.setFlag(page, main.u16(4));
        HashPage.setPrev(page, newBucket);
      }
      case 1 -> HashPage.init(page, newBucket, newBucket, main.u16(6));
      default -> {
        only(record, 2);
        HashMetaPage.check(page);
        splitMetaPage(record.block(2).data(), main.u8(8), newBucket, page);
      }
    }
  }

  private static void splitMetaPage(ByteSpan data, int flags, long newBucket, Page page) {
    HashMetaPage.setMaxBucket(page, newBucket);
    int at = 0;
    if ((flags & UPDATE_MASKS) != 0) {
      HashMetaPage.setMasks(page, data.u32(0), data.u32(4));
      at = 8;
    }
    if ((flags & UPDATE_SPLITPOINT) != 0) {
      HashMetaPage.setPhase(page, data.u32(at), data.u32(at + 4));
    }
  }

  /*
   * xl_hash_split_complete: old_bucket_flag 2, new_bucket_flag 2. Blocks 0 and 1 are the buckets'
   * first pages.
   */
  private static void splitComplete(RecordView record, Page page) {
    int blockId = record.blockId();
    if (blockId > 1) {
      throw RecordRedo.unsupported(record);
    }
    HashPage.check(page);
    HashPage.setFlag(page, record.main().u16(2 * blockId));
  }

  /*
   * xl_hash_move_page_contents: ntups 2, is_prim_bucket_same_wrt 1. Block 0 is the bucket's first
   * page, which does not change; block 1 gets the tuples, block 2 loses those at the offset numbers
   * of its data.
   */
  private static LsnStamp movePageContents(RecordView record, Page page) {
    HashPage.check(page);
    switch (record.blockId()) {
      case 0 -> {
        return LsnStamp.KEEP;
      }
      case 1 -> addTuples(page, record.block(1).data(), record.main().u16(0));
      default -> {
        only(record, 2);
        deleteTuples(page, record.block(2).data());
      }
    }
    return LsnStamp.SET;
  }

  /**
   * Adds tuples.
   *
   * @param data their offset numbers, 2 bytes each, and then the tuples
   */
  private static void addTuples(Page page, ByteSpan data, int count) {
    int at = 2 * count;
    for (int i = 0; i < count; i++) {
      int length = Page.align(data.u16(at + IndexTuple.INFO) & IndexTuple.SIZE_MASK);
      insert(page, data.u16(2 * i), data, at, length);
      at += length;
    }
    if (at != data.length()) {
      throw new PageException("more tuples than counted: count=" + count + ", end=" + at);
    }
  }

  private static void deleteTuples(Page page, ByteSpan numbers) {
    int count = numbers.length() / 2;
    page.deleteIndexItems(RecordTuples.offsetNumbers(numbers, 0, count), count);
  }

  /*
   * xl_hash_squeeze_page: prevblkno 4, nextblkno 4, ntups 2, is_prim_bucket_same_wrt 1,
   * is_prev_bucket_same_wrt 1. Block 0 is the bucket's first page, which does not change; block 1
   * gets the tuples of block 2, which becomes free; blocks 3 and 4 are its neighbours; block 5 the
   * bitmap page, its data the bit; block 6 the meta page, its data the lowest free page.
   */
  private static LsnStamp squeezePage(RecordView record, Page page) {
    ByteSpan main = record.main();
    int blockId = record.blockId();
    ByteSpan data = record.block(blockId).data();
    HashPage.check(page);
    switch (blockId) {
      case 0 -> {
        return LsnStamp.KEEP;
      }
      case 1 -> {
        return squeezeInto(record, page);
      }
      case 2 -> HashPage.init(page, HashPage.NONE, HashPage.NONE, HashPage.UNUSED);
      case 3 -> HashPage.setNext(page, main.u32(4));
      case 4 -> HashPage.setPrev(page, main.u32(0));
      case 5 -> HashPage.putBit(page, data.u32(0), false);
      default -> {
        only(record, 6);
        HashMetaPage.check(page);
        HashMetaPage.setFirstFree(page, data.u32(0));
      }
    }
    return LsnStamp.SET;
  }

  private static LsnStamp squeezeInto(RecordView record, Page page) {
    ByteSpan main = record.main();
    int count = main.u16(8);
    boolean isPrevious = main.u8(11) != 0;
    if (count > 0) {
      addTuples(page, record.block(1).data(), count);
    }
    if (isPrevious) {
      HashPage.setNext(page, main.u32(4));
    }
    // Before 17 the page is stamped even if nothing in it changes.
    boolean isStamped = count > 0 || isPrevious || !record.version().atLeast(PgVersion.V17);
    return isStamped ? LsnStamp.SET : LsnStamp.KEEP;
  }

  /*
   * xl_hash_delete: clear_dead_marking 1, is_primary_bucket_page 1. Block 0 is the bucket's first
   * page, which does not change; block 1 loses the tuples at the offset numbers of its data.
   */
  private static LsnStamp delete(RecordView record, Page page) {
    HashPage.check(page);
    if (record.blockId() == 0) {
      return LsnStamp.KEEP;
    }
    only(record, 1);
    deleteTuples(page, record.block(1).data());
    if (record.main().u8(0) != 0) {
      HashPage.clearFlag(page, HashPage.HAS_DEAD_TUPLES);
    }
    return LsnStamp.SET;
  }

  /*
   * xl_hash_vacuum_one_page: horizon 4, ntuples 2, isCatalogRel 1, pad 1, offsets 2 each; in 15
   * ntuples has 4 bytes and isCatalogRel is not there. Block 0 loses the tuples, block 1 is the
   * meta page.
   */
  private static void vacuumOnePage(RecordView record, Page page) {
    ByteSpan main = record.main();
    boolean isLong = !record.version().atLeast(PgVersion.V16);
    int count = SlruRedo.count(record, isLong ? main.i32(4) : main.u16(4), 8, 2);
    if (record.blockId() == 0) {
      HashPage.check(page);
      page.deleteIndexItems(RecordTuples.offsetNumbers(main, 8, count), count);
      HashPage.clearFlag(page, HashPage.HAS_DEAD_TUPLES);
    } else {
      only(record, 1);
      changeCount(page, -count);
    }
  }
}
