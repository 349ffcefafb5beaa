package io.walstrata.layerstore;

import java.nio.file.Path;

/**
 * What a layer file says of itself.
 *
 * @param file the file
 * @param layer its timeline, ranges and counts
 * @param formatVersion version of the file's format
 * @param keys number of distinct keys that have versions
 * @param blocks number of blocks
 * @param valueBytes bytes of all values together
 */
public record LayerFileInfo(
    Path file, LayerDesc layer, int formatVersion, long keys, long blocks, long valueBytes) {}
