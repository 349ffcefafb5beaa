package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;

/**
 * A timeline's extent and size at the moment of the call.
 *
 * @param timeline its id
 * @param firstLsn the first LSN that its layers hold, where its history begins; {@link Lsn#INVALID}
 *     while it has none
 * @param lastLsn the last LSN that was ingested: reads up to and including it are answered
 * @param durableLsn the last LSN that the manifest has, progress included, from which a restart
 *     continues; {@link Lsn#INVALID} if nothing of it is durable
 * @param layers number of layers, the open one included
 * @param versions number of versions in them
 * @param sizeBytes sum of the layers' sizes
 * @param durableDigest a digest of the versions and tombstones in its delta layers: equal if those
 *     are, wherever the layers begin and end
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
