package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;

/**
 * Describes a timeline at the moment it was asked.
 *
 * @param timeline its id
 * @param firstLsn where its history begins: the first LSN that its layers hold; {@link Lsn#INVALID}
 *     while it has none
 * @param lastLsn how far it is ingested: reads up to and including this LSN are answered
 * @param durableLsn how far it is durable, progress marks included: the last LSN that the manifest
 *     has, from which a restart continues; {@link Lsn#INVALID} if nothing of it is durable
 * @param layers number of layers, the open one included
 * @param versions number of versions in them
 * @param sizeBytes sum of the layers' sizes
 * @param durableDigest what the versions and tombstones in its delta layers add up to: equal where
 *     those are, wherever the layers begin and end
 */
public record TimelineInfo(
    TimelineId timeline,
    Lsn firstLsn,
    Lsn lastLsn,
    Lsn durableLsn,
    int layers,
    long versions,
    long sizeBytes,
    long durableDigest) {}
