package io.walstrata.layerstore.format;

import io.walstrata.layerstore.page.ReadCost;

/** Adds up what one read costs; see {@link ReadCost}. For one thread. */
public final class CostCounter {
  private long layersAsked;
  private long layersSkipped;
  private long filtersSaved;
  private long blocksRead;
  private long fileReads;
  private long fileBytes;
  private long memoryBytes;
  private long tombstoneSteps;

  public void layerAsked() {
    layersAsked++;
  }

  public void layerSkipped() {
    layersSkipped++;
  }

  public void memoryRead(int bytes) {
    memoryBytes += bytes;
  }

  void filterSaved() {
    filtersSaved++;
  }

  void blockRead() {
    blocksRead++;
  }

  void fileRead(long bytes) {
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
