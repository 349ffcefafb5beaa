package io.walstrata.layerstore.internal.cursor;

import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReadLimit;

/**
 * Counts the cost of one read, see {@link ReadCost}, and asks its {@link ReadLimit} before bytes
 * are loaded. For one thread.
 */
public final class CostCounter {
  private final ReadLimit limit;
  private long keptBytes; // taken from the limit, for the result
  private long inHandBytes; // taken from the limit, for the current block
  private long layersAsked;
  private long layersSkipped;
  private long filtersSaved;
  private long blocksRead;
  private long fileReads;
  private long fileBytes;
  private long memoryBytes;
  private long tombstoneSteps;
  private long recordsReplayed;
  private long replayedBytes;

  /** Creates a counter for a read without a limit. */
  public CostCounter() {
    this(ReadLimit.NONE);
  }

  public CostCounter(ReadLimit limit) {
    this.limit = limit;
  }

  /**
   * Reserves room for a value that is about to be copied into the result.
   *
   * @throws io.walstrata.layerstore.ReadLimitException if there is none
   */
  public void keep(int bytes) {
    long all = (long) bytes + ReadLimit.BYTES_PER_VERSION;
    limit.take(all);
    keptBytes += all;
  }

  /** Reserves room for a block that is about to be read, in place of the block before. */
  public void blockInHand(long bytes) {
    dropBlock();
    unpack(bytes);
  }

  /** Reserves room for the unpacked content of that block. */
  public void unpack(long bytes) {
    limit.take(bytes);
    inHandBytes += bytes;
  }

  /** Releases the room of the last block, which is no longer needed. */
  public void dropBlock() {
    limit.giveBack(inHandBytes);
    inHandBytes = 0;
  }

  /** Releases all room, as the read begins again. */
  public void dropAll() {
    dropBlock();
    dropKept();
  }

  /** Releases the room of what was kept for the result. */
  public void dropKept() {
    limit.giveBack(keptBytes);
    keptBytes = 0;
  }

  /** Reserves room for a result in place of all that was kept to make it. */
  public void keepInstead(int bytes) {
    long before = keptBytes;
    keep(bytes);
    limit.giveBack(before);
    keptBytes -= before;
  }

  /** Returns a counter for a read that is part of this one, with the same limit. */
  public CostCounter part() {
    return new CostCounter(limit);
  }

  /** Adds the cost of a part that has ended, with the room of what was kept for its result. */
  public void add(CostCounter part) {
    part.dropBlock();
    keptBytes += part.keptBytes;
    part.keptBytes = 0;
    layersAsked += part.layersAsked;
    layersSkipped += part.layersSkipped;
    filtersSaved += part.filtersSaved;
    blocksRead += part.blocksRead;
    fileReads += part.fileReads;
    fileBytes += part.fileBytes;
    memoryBytes += part.memoryBytes;
    tombstoneSteps += part.tombstoneSteps;
    recordsReplayed += part.recordsReplayed;
    replayedBytes += part.replayedBytes;
  }

  public void layerAsked() {
    layersAsked++;
  }

  public void layerSkipped() {
    layersSkipped++;
  }

  public void memoryRead(int bytes) {
    memoryBytes += bytes;
  }

  public void filterSaved() {
    filtersSaved++;
  }

  public void blockRead() {
    blocksRead++;
  }

  public void fileRead(long bytes) {
    fileReads++;
    fileBytes += bytes;
  }

  public void replayed(long records, long bytes) {
    recordsReplayed += records;
    replayedBytes += bytes;
  }

  public void tombstoneStep() {
    tombstoneSteps++;
  }

  /** Returns the number of steps in indexes over tombstones. */
  public long tombstoneSteps() {
    return tombstoneSteps;
  }

  /** Returns the cost so far. */
  public ReadCost cost() {
    return new ReadCost(
        layersAsked,
        layersSkipped,
        filtersSaved,
        blocksRead,
        fileReads,
        fileBytes,
        memoryBytes,
        recordsReplayed,
        replayedBytes);
  }
}
