package io.walstrata.layerstore.internal.cursor;

import io.walstrata.layerstore.page.ReadCost;
import io.walstrata.layerstore.page.ReadLimit;

/**
 * Adds up what one read costs, see {@link ReadCost}, and asks its {@link ReadLimit} before bytes
 * are loaded. For one thread.
 */
public final class CostCounter {
  private final ReadLimit limit;
  private long keptBytes; // taken from the limit, for the result
  private long inHandBytes; // taken from the limit, for the block that is looked at
  private long layersAsked;
  private long layersSkipped;
  private long filtersSaved;
  private long blocksRead;
  private long fileReads;
  private long fileBytes;
  private long memoryBytes;
  private long tombstoneSteps;

  /** Of a read without a limit. */
  public CostCounter() {
    this(ReadLimit.NONE);
  }

  public CostCounter(ReadLimit limit) {
    this.limit = limit;
  }

  /**
   * Takes room for a value that is about to be copied into the result.
   *
   * @throws io.walstrata.layerstore.page.ReadLimitException if there is none
   */
  public void keep(int bytes) {
    long all = (long) bytes + ReadLimit.BYTES_PER_VERSION;
    limit.take(all);
    keptBytes += all;
  }

  /** Takes room for a block that is about to be read, in place of the block before. */
  public void blockInHand(long bytes) {
    dropBlock();
    unpack(bytes);
  }

  /** Takes room for what that block is about to be unpacked into. */
  public void unpack(long bytes) {
    limit.take(bytes);
    inHandBytes += bytes;
  }

  /** Gives back what the last block took: the read looks at none any more. */
  public void dropBlock() {
    limit.giveBack(inHandBytes);
    inHandBytes = 0;
  }

  /** Gives back everything: the read begins again. */
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

  /** Returns how many places of indexes over tombstones were looked at. */
  public long tombstoneSteps() {
    return tombstoneSteps;
  }

  /** Returns what it came to so far. */
  public ReadCost cost() {
    return new ReadCost(
        layersAsked, layersSkipped, filtersSaved, blocksRead, fileReads, fileBytes, memoryBytes);
  }
}
