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
 * @param contentDigest what the versions and tombstones add up to; the digests of a timeline's
 *     layers can be added, and two histories of the same content have the same sum
 */
public record LayerFileInfo(
    Path file,
    LayerDesc layer,
    int formatVersion,
    long keys,
    long blocks,
    long valueBytes,
    long contentDigest) {}
