package io.walstrata.layerstore.streams;

import org.apache.kafka.streams.query.Query;

/** Queries offsets, counters and failures of each partition, for health checks. Immutable. */
public final class StatusQuery implements Query<LayerStoreStatus> {
  private static final StatusQuery INSTANCE = new StatusQuery();

  private StatusQuery() {}

  public static StatusQuery instance() {
    return INSTANCE;
  }

  @Override
  public String toString() {
    return "StatusQuery()";
  }
}
