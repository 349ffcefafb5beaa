package io.walstrata.layerstore.page;

/**
 * What a read cost.
 *
 * @param layersAsked layers that were looked into, each counted once
 * @param layersSkipped layers that reach down to the LSN, but were passed over because their key
 *     range said that there is nothing to find
 * @param filtersSaved looks into a file for a key that its filter made unnecessary
 * @param blocksRead blocks of files that were read and checked
 * @param fileReads reads of files; several blocks that lie together may come in one
 * @param fileBytes bytes of those reads, those of an index and a filter that were not in memory
 *     among them
 * @param memoryBytes bytes of values from layers in memory
 */
public record ReadCost(
    long layersAsked,
    long layersSkipped,
    long filtersSaved,
    long blocksRead,
    long fileReads,
    long fileBytes,
    long memoryBytes) {

  /** Of a read that did nothing. */
  public static final ReadCost NONE = new ReadCost(0, 0, 0, 0, 0, 0, 0);

  /** Returns what was added since an earlier state of the same read. */
  public ReadCost since(ReadCost earlier) {
    return new ReadCost(
        layersAsked - earlier.layersAsked,
        layersSkipped - earlier.layersSkipped,
        filtersSaved - earlier.filtersSaved,
        blocksRead - earlier.blocksRead,
        fileReads - earlier.fileReads,
        fileBytes - earlier.fileBytes,
        memoryBytes - earlier.memoryBytes);
  }
}
