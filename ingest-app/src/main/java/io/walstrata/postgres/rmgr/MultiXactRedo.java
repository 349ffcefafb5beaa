package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.ByteSpan;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Slru;
import io.walstrata.postgres.wal.WalException;

/**
 * Replays records of multixacts: new pages, and the entries of a new multixact in offsets and
 * members.
 */
final class MultiXactRedo implements RecordRedo {
  /*
   * CREATE_ID: multixact 4 | first member 4 | number of members 4 | members, 8 each: xid 4, status 4
   *
   * Offsets page: for each multixact, 32 bits, the number of its first member. A record sets its
   * own entry and that of the next multixact, where its members end. Minor releases from before
   * 15.16, 16.12, 17.8 and 18.2 set their own entry alone; recovery of later ones replays the
   * records of all as described here, so the entry after the newest multixact may be set where such
   * an old server's file still has 0. The other entries are the same.
   *
   * Members page: groups of 20 bytes, 4 status bytes and then 4 xids; 12 bytes are left at the end.
   *
   * Member 0 does not exist, as an offset of 0 means "not set": numbers continue from 2^32 - 1
   * with 1, but the members of one multixact may run over 0.
   */
  private static final int HEADER_BYTES = 12;
  private static final int MEMBER_BYTES = 8;
  private static final int MEMBERS_PER_GROUP = 4;
  private static final int GROUP_BYTES = MEMBERS_PER_GROUP * 5;
  private static final int OFFSET_BYTES = 4;
  private static final int OFFSETS_PER_PAGE = Page.BYTES / OFFSET_BYTES;
  private static final int MEMBERS_PER_PAGE = Page.BYTES / GROUP_BYTES * MEMBERS_PER_GROUP;
  private static final int MAX_STATUS = 5;
  private static final long U32 = 0xFFFFFFFFL;

  @Override
  public LsnStamp redo(RecordView record, Page page) {
    return switch (record.type()) {
      case MultiXactManager.ZERO_OFFSETS_PAGE ->
          SlruRedo.zeroPage(Slru.MULTIXACT_OFFSETS, record, page);
      case MultiXactManager.ZERO_MEMBERS_PAGE ->
          SlruRedo.zeroPage(Slru.MULTIXACT_MEMBERS, record, page);
      case MultiXactManager.CREATE -> {
        create(record, page);
        yield LsnStamp.KEEP;
      }
      default -> throw RecordRedo.unsupported(record);
    };
  }

  private static void create(RecordView record, Page page) {
    PageKey key = record.key();
    boolean changed;
    if (SlruRedo.isOf(Slru.MULTIXACT_OFFSETS, key)) {
      changed = setOffsets(record, page, SlruRedo.pageOf(key));
    } else if (SlruRedo.isOf(Slru.MULTIXACT_MEMBERS, key)) {
      changed = setMembers(record, page, SlruRedo.pageOf(key));
    } else {
      throw RecordRedo.unsupported(record);
    }
    if (!changed) {
      throw new PageException("multixact has nothing on this page: multixact=" + multixact(record));
    }
  }

  private static boolean setOffsets(RecordView record, Page page, long pageNumber) {
    long multixact = multixact(record);
    long first = record.main().u32(4);
    long end = first + members(record) & U32;
    boolean changed = setOffset(page, pageNumber, multixact, first);
    changed |= setOffset(page, pageNumber, next(multixact), end == 0 ? 1 : end);
    return changed;
  }

  private static boolean setOffset(Page page, long pageNumber, long multixact, long offset) {
    if (Slru.MULTIXACT_OFFSETS.page(multixact) != pageNumber) {
      return false;
    }
    page.putI32((int) (multixact % OFFSETS_PER_PAGE) * OFFSET_BYTES, (int) offset);
    return true;
  }

  private static boolean setMembers(RecordView record, Page page, long pageNumber) {
    ByteSpan main = record.main();
    long first = main.u32(4);
    int count = members(record);
    boolean changed = false;
    for (int i = 0; i < count; i++) {
      long member = first + i & U32;
      if (Slru.MULTIXACT_MEMBERS.page(member) == pageNumber) {
        int at = HEADER_BYTES + i * MEMBER_BYTES;
        setMember(record, page, (int) (member % MEMBERS_PER_PAGE), main.i32(at), main.i32(at + 4));
        changed = true;
      }
    }
    return changed;
  }

  private static void setMember(RecordView record, Page page, int index, int xid, int status) {
    if (status < 0 || status > MAX_STATUS) {
      throw new WalException(record.endLsn(), "unknown status of a member: status=" + status);
    }
    int group = index / MEMBERS_PER_GROUP * GROUP_BYTES;
    int inGroup = index % MEMBERS_PER_GROUP;
    page.putU8(group + inGroup, status);
    page.putI32(group + MEMBERS_PER_GROUP + 4 * inGroup, xid);
  }

  private static long multixact(RecordView record) {
    return record.main().u32(0);
  }

  private static int members(RecordView record) {
    return SlruRedo.count(record, record.main().i32(8), HEADER_BYTES, MEMBER_BYTES);
  }

  /** Number 0 is skipped. */
  private static long next(long multixact) {
    return multixact == U32 ? 1 : multixact + 1;
  }

  /**
   * Beside the records that make a page, two others: the first multixact of a cluster finds the
   * pages of zeros that initdb made without a record, and one that is the last of its page sets the
   * first entry of the next one, which older minor releases make after it.
   */
  @Override
  public boolean startsFromNothing(RecordView record) {
    return switch (record.type()) {
      case MultiXactManager.ZERO_OFFSETS_PAGE, MultiXactManager.ZERO_MEMBERS_PAGE -> true;
      case MultiXactManager.CREATE -> isFirst(record) || isNextAlone(record);
      default -> false;
    };
  }

  private static boolean isFirst(RecordView record) {
    return multixact(record) == 1
        && record.main().u32(4) == 1
        && (SlruRedo.isOf(Slru.MULTIXACT_OFFSETS, record.key())
            || SlruRedo.isOf(Slru.MULTIXACT_MEMBERS, record.key()))
        && SlruRedo.pageOf(record.key()) == 0;
  }

  private static boolean isNextAlone(RecordView record) {
    return SlruRedo.isOf(Slru.MULTIXACT_OFFSETS, record.key())
        && Slru.MULTIXACT_OFFSETS.page(multixact(record)) != SlruRedo.pageOf(record.key());
  }
}
