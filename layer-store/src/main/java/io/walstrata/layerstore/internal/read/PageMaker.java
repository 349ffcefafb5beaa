package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.DroppedPages;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReadLimitException;
import io.walstrata.layerstore.ReadVisitor;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageRedo;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the pages of one read from their reconstruct data, by redo. For one thread. */
public final class PageMaker implements KnownPages {
  /*
   * Redo may need other pages, and those others still. What a record refers to is data, so page A
   * may need B and B may need A: how deep one page is read for another is bounded, and so is how
   * many keys are read for one page in all, as each of many records may need one.
   *
   * Room in the limit: while redo runs, the versions and the other pages that it was given; after
   * that, the page alone.
   */
  static final int MAX_DEPTH = 8;
  static final int MAX_OTHERS = 10_000;
  private static final String TOO_MANY =
      "redo needs too many other keys for one page: maxKeys=" + MAX_OTHERS;

  private final Supplier<TimelineState> current;
  private final PageRedo redo;
  private final PageCache cache;
  private final CostCounter cost;
  private final int depth; // 0 for a page that the caller of the store reads
  private final int[] others; // how many keys were read for the page of depth 0; shared
  private ReadCost costBefore = ReadCost.NONE;

  // The last look-up, which is that of the page that is made next.
  private @Nullable TimelineState timeline;
  private @Nullable Version known;

  /**
   * @param current returns the current timeline, at each attempt; throws if the store is closed
   * @param limit asked before bytes are loaded
   */
  public PageMaker(
      Supplier<TimelineState> current, PageRedo redo, PageCache cache, ReadLimit limit) {
    this(current, redo, cache, new CostCounter(limit), 0, new int[1]);
  }

  private PageMaker(
      Supplier<TimelineState> current,
      PageRedo redo,
      PageCache cache,
      CostCounter cost,
      int depth,
      int[] others) {
    this.current = current;
    this.redo = redo;
    this.cache = cache;
    this.cost = cost;
    this.depth = depth;
    this.others = others;
  }

  /** Returns the counter of the read that finds the reconstruct data. */
  public CostCounter cost() {
    return cost;
  }

  @Override
  public @Nullable Version find(TimelineState of, PageKey key, Lsn asOf) {
    timeline = of;
    known = cache.find(of, key, asOf);
    return known;
  }

  /**
   * Reads a page.
   *
   * @param asOf null for the last LSN
   */
  public PageRead page(PageKey key, @Nullable Lsn asOf) throws IOException {
    return make(Reads.get(current, key, asOf, this, cost));
  }

  /** Returns a visitor of reconstruct data that passes the pages on. */
  public ReadVisitor<ReconstructData> passingTo(ReadVisitor<? super PageRead> visitor) {
    return data -> {
      boolean more = visitor.visit(make(data));
      cost.dropKept();
      return more;
    };
  }

  private PageRead make(ReconstructData data) throws IOException {
    Version base = data.base();
    List<Version> records = data.records();
    boolean isFromCache = base != null && isSame(base, known);
    TimelineState of = timeline;
    if (depth == 0) {
      others[0] = 0;
    }
    Others source = new Others(data.asOf());
    RedoResult result =
        redo.redo(
            new RedoRequest(data.key(), data.asOf(), base, records, data.droppedAt(), source));
    cost.replayed(records.size(), bytes(records));
    Lsn newest = newest(base, records);
    if (result instanceof RedoResult.Page page) {
      if (base != null && page.bytes() == base.value().bytes()) {
        result =
            new RedoResult.Page(page.bytes().clone(), page.recordsApplied(), page.assumptions());
      }
      cost.keepInstead(page.bytes().length);
      if (of != null && newest != null && isFinal(page, newest, source, data.lastLsn())) {
        cache.keep(of, data.key(), newest, page.bytes());
      }
    } else {
      cost.dropKept();
    }
    ReadCost costNow = cost.cost();
    ReadCost own = costNow.since(costBefore);
    costBefore = costNow;
    return new PageRead(
        data.timeline(),
        data.key(),
        data.asOf(),
        data.firstLsn(),
        data.lastLsn(),
        result,
        baseLsn(data),
        newest,
        data.droppedAt(),
        isFromCache,
        data.layersVisited(),
        own);
  }

  /**
   * Returns whether the page will be the same whenever it is made. Not if redo read other keys
   * above the page's newest version: a read as of an LSN between would see another state of them.
   * Versions may still be put at the timeline's last LSN, so what redo read of other keys is final
   * below it.
   */
  private static boolean isFinal(RedoResult.Page page, Lsn newest, Others others, Lsn lastLsn) {
    return page.assumptions().isEmpty()
        && !others.newestAsOf.isAfter(newest)
        && (newest.isBefore(lastLsn) || others.newestAsOf.isBefore(lastLsn));
  }

  private static boolean isSame(Version base, @Nullable Version page) {
    return page != null && base.value().bytes() == page.value().bytes();
  }

  private static long bytes(List<Version> records) {
    long bytes = 0;
    for (Version record : records) {
      bytes += record.value().bytes().length;
    }
    return bytes;
  }

  private static @Nullable Lsn newest(@Nullable Version base, List<Version> records) {
    if (!records.isEmpty()) {
      return records.get(records.size() - 1).lsn();
    }
    return base == null ? null : base.lsn();
  }

  private static @Nullable Lsn baseLsn(ReconstructData data) {
    Version base = data.base();
    if (base == null && data.status() == ReconstructData.Status.COMPLETE) {
      base = data.records().get(0);
    }
    return base == null ? null : base.lsn();
  }

  /** Reads the other pages that one page's redo needs. */
  private final class Others implements PageSource {
    private final Lsn asOf; // of the page that is made
    private Lsn newestAsOf = Lsn.INVALID; // of the other pages

    Others(Lsn asOf) {
      this.asOf = asOf;
    }

    @Override
    public RedoResult page(PageKey key, Lsn otherAsOf) throws IOException {
      checkNotAbove(otherAsOf);
      if (depth == MAX_DEPTH) {
        return refused(key, "redo needs a page for a page, too deep: maxDepth=" + MAX_DEPTH);
      }
      if (others[0] == MAX_OTHERS) {
        return refused(key, TOO_MANY);
      }
      CostCounter part = begin(otherAsOf);
      PageMaker maker = new PageMaker(current, redo, cache, part, depth + 1, others);
      RedoResult result = maker.page(key, otherAsOf).result();
      cost.add(part);
      return result;
    }

    @Override
    public RedoRequest versions(PageKey key, Lsn otherAsOf) throws IOException {
      checkNotAbove(otherAsOf);
      checkNotTooMany();
      CostCounter part = begin(otherAsOf);
      ReconstructData data = Reads.get(current, key, otherAsOf, KnownPages.NONE, part);
      cost.add(part);
      return new RedoRequest(key, otherAsOf, data.base(), data.records(), data.droppedAt(), this);
    }

    @Override
    public @Nullable PageKey firstKey(KeyRange keys, Lsn otherAsOf) throws IOException {
      checkNotAbove(otherAsOf);
      checkNotTooMany();
      CostCounter part = begin(otherAsOf);
      PageKey[] found = new PageKey[1];
      ReadVisitor<ReconstructData> first =
          data -> {
            found[0] = data.key();
            return false;
          };
      new RangeRead(current, keys, otherAsOf, DroppedPages.SKIP, 1, first, KnownPages.NONE, part)
          .run();
      part.dropAll();
      cost.add(part);
      return found[0];
    }

    private CostCounter begin(Lsn otherAsOf) {
      others[0]++;
      newestAsOf = otherAsOf.isAfter(newestAsOf) ? otherAsOf : newestAsOf;
      return cost.part();
    }

    private void checkNotAbove(Lsn otherAsOf) {
      if (otherAsOf.isAfter(asOf)) {
        throw new IllegalArgumentException(
            "redo must not read above the LSN of its page: otherAsOf="
                + otherAsOf
                + ", asOf="
                + asOf);
      }
    }

    private void checkNotTooMany() {
      if (others[0] == MAX_OTHERS) {
        throw new ReadLimitException(TOO_MANY);
      }
    }

    private static RedoResult refused(PageKey key, String detail) {
      return new RedoResult.Refused(
          key, Lsn.INVALID, RedoResult.Reason.DAMAGED_RECORD, detail + ", key=" + key.describe());
    }
  }
}
