package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.DroppedPages;
import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReadEnd;
import io.walstrata.layerstore.ReadVisitor;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.layer.LayerGoneException;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the pages of a key range as of one LSN, in key order. For one thread, once. */
public final class RangeRead {
  private final Supplier<TimelineState> current;
  private final KeyRange keys;
  private final Lsn asOf;
  private final DroppedPages dropped;
  private final long limit;
  private final ReadVisitor<? super ReconstructData> visitor;
  private final KnownPages known;
  private final CostCounter cost;
  private ReadCost costBefore = ReadCost.NONE;
  private @Nullable PageKey done; // the last page that was read
  private long returned;
  private boolean isStopped;

  public RangeRead(
      Supplier<TimelineState> current,
      KeyRange keys,
      Lsn asOf,
      DroppedPages dropped,
      long limit,
      ReadVisitor<? super ReconstructData> visitor) {
    this(current, keys, asOf, dropped, limit, visitor, KnownPages.NONE, new CostCounter());
  }

  public RangeRead(
      Supplier<TimelineState> current,
      KeyRange keys,
      Lsn asOf,
      DroppedPages dropped,
      long limit,
      ReadVisitor<? super ReconstructData> visitor,
      KnownPages known,
      CostCounter cost) {
    this.current = current;
    this.keys = keys;
    this.asOf = asOf;
    this.dropped = dropped;
    this.limit = limit;
    this.visitor = visitor;
    this.known = known;
    this.cost = cost;
  }

  public ReadEnd<PageKey> run() throws IOException {
    while (true) {
      TimelineState timeline = current.get();
      Reads.checkReached(timeline, asOf);
      try {
        if (!isAtEnd()) {
          readRest(timeline);
        }
        Optional<PageKey> next = isStopped && !isAtEnd() ? Optional.of(next()) : Optional.empty();
        return new ReadEnd<>(returned, next, cost.cost());
      } catch (LayerGoneException e) {
        // Continues after the last key.
      }
    }
  }

  private boolean isAtEnd() {
    return next().compareTo(keys.endKey()) >= 0;
  }

  private PageKey next() {
    PageKey last = done;
    return last == null ? keys.startKey() : last.next();
  }

  private void readRest(TimelineState timeline) throws IOException {
    KeyRange rest = new KeyRange(next(), keys.endKey());
    try (LayerMerge merge = new LayerMerge(timeline.layers(), rest, asOf, dropped, cost)) {
      while (!isStopped && merge.next()) {
        ReconstructState state = merge.read(known.find(timeline, merge.key(), asOf));
        boolean isShown = isShown(state, merge);
        done = state.key();
        if (isShown) {
          returnPage(timeline, state);
        }
      }
    }
  }

  private boolean isShown(ReconstructState state, LayerMerge merge) throws IOException {
    return switch (Reads.status(state)) {
      case COMPLETE, INCOMPLETE -> true;
      case DROPPED -> dropped == DroppedPages.SHOW && merge.wasWritten();
      case BEFORE_HISTORY -> false;
    };
  }

  private void returnPage(TimelineState timeline, ReconstructState state) throws IOException {
    ReadCost costNow = cost.cost();
    ReconstructData page = Reads.result(timeline, state, costNow.since(costBefore));
    costBefore = costNow;
    returned++;
    boolean more = visitor.visit(page);
    isStopped = !more || returned == limit;
  }
}
