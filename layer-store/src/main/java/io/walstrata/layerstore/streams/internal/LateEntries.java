package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the late versions and tombstones of one record, for its dead letter. */
final class LateEntries {
  /** A header must stay small whatever is in a batch. */
  private static final int NAMED = 10;

  private final List<String> named = new ArrayList<>();
  private @Nullable TimelineId timeline;
  private int size;

  void add(ValueBatch batch, int entry) {
    add(
        batch.timeline(),
        "entry=" + entry + " key=" + batch.key(entry) + " lsn=" + batch.lsn(entry));
  }

  void add(WalOperations.Operation operation) {
    if (operation instanceof WalOperations.One one) {
      add(one.timeline(), "key=" + one.key() + " lsn=" + one.lsn());
    } else if (operation instanceof WalOperations.Tombstone tombstone) {
      add(tombstone.timeline(), "tombstone keys=" + tombstone.keys() + " lsn=" + tombstone.lsn());
    }
  }

  private void add(TimelineId timeline, String entry) {
    this.timeline = timeline;
    size++;
    if (named.size() < NAMED) {
      named.add(entry);
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  String message() {
    return "below the timeline's last LSN and in no layer: late="
        + size
        + ", timeline="
        + timeline
        + ", "
        + String.join("; ", named)
        + (size > named.size() ? "; …" : "");
  }
}
