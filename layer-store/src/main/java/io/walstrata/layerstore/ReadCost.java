package io.walstrata.layerstore;

/**
 * The cost of a read.
 *
 * @param layersAsked layers that were read, each counted once
 * @param layersSkipped layers whose LSN range was relevant, but which were skipped because the key
 *     is outside their key range
 * @param filtersSaved look-ups of a key in a file that its filter made unnecessary
 * @param blocksRead blocks of files that were read and checked
 * @param fileReads reads of files; one read may cover several adjacent blocks
 * @param fileBytes bytes of those reads, those of an index and a filter that were not in memory
 *     among them
 * @param memoryBytes bytes of values from layers in memory
 * @param recordsReplayed WAL records that were passed to redo, those of other pages that it needed
 *     among them; 0 for a read without redo
 * @param replayedBytes bytes of those records
 */
public record ReadCost(
    long layersAsked,
    long layersSkipped,
    long filtersSaved,
    long blocksRead,
    long fileReads,
    long fileBytes,
    long memoryBytes,
    long recordsReplayed,
    long replayedBytes) {

  /** The cost of a read that did nothing. */
  public static final ReadCost NONE = new ReadCost(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Returns the cost added since an earlier state of the same read. */
  public ReadCost since(ReadCost earlier) {
    return new ReadCost(
        layersAsked - earlier.layersAsked,
        layersSkipped - earlier.layersSkipped,
        filtersSaved - earlier.filtersSaved,
        blocksRead - earlier.blocksRead,
        fileReads - earlier.fileReads,
        fileBytes - earlier.fileBytes,
        memoryBytes - earlier.memoryBytes,
        recordsReplayed - earlier.recordsReplayed,
        replayedBytes - earlier.replayedBytes);
  }
}
