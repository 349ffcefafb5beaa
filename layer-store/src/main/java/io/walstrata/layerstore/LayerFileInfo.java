package io.walstrata.layerstore;

import java.nio.file.Path;

/**
 * The facts that a layer file's header and footer state.
 *
 * @param file the file
 * @param layer its timeline, ranges and counts
 * @param formatVersion version of the file's format
 * @param keys number of distinct keys that have versions
 * @param blocks number of blocks
 * @param valueBytes bytes of all values together
 * @param contentDigest a digest of the versions and tombstones; the digests of a timeline's layers
 *     can be added, and two histories of the same content have the same sum
 */
public record LayerFileInfo(
    Path file,
    LayerDesc layer,
    int formatVersion,
    long keys,
    long blocks,
    long valueBytes,
    long contentDigest) {}
