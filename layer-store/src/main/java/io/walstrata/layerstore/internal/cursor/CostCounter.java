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
    limit.giveBack(keptBytes);
    keptBytes = 0;
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
        layersAsked, layersSkipped, filtersSaved, blocksRead, fileReads, fileBytes, memoryBytes);
  }
}
