package io.walstrata.layerstore.internal.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.walstrata.layerstore.internal.timeline.TimelineState;
import io.walstrata.layerstore.internal.timeline.Timelines;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Caches pages that redo made, up to a number of bytes, so that the next read of a page at a higher
 * LSN starts from the last one. For any thread.
 */
public final class PageCache {
  /*
   * An entry is a page and the LSN v of the newest version in it. Why it is right for a read as of
   * any LSN from v on, with the versions above v:
   *
   * - LSNs never go back in a timeline: when v has been put, no version below v is put any more. A
   *   version of this page at v itself would be a duplicate, of which the first stays.
   * - A tombstone may come after v with the same LSN, and hides v then. So a read looks for
   *   tombstones from v on, v included, and does not use the page if it finds one; a read as of an
   *   LSN below the tombstone still does.
   * - What redo read of other pages is final too: PageMaker caches only then.
   *
   * So an entry is never wrong, and nothing is invalidated when versions are put. It is only
   * replaced by a newer one: a read of the past does not take the place of a page that is read at
   * the last LSN.
   *
   * A key has the TimelineState as an object: each open store makes its own, and again if it finds
   * another manifest when it claims the home. Whatever the content of a home becomes, by a repair
   * or by a topic that is read again, pages made from what was there before are not found. They are
   * removed when the store is closed; a read that was running then may add some, which are evicted
   * like others.
   */

  /** Heap of an entry in addition to the page's bytes: its objects, and its place in the cache. */
  private static final int BYTES_PER_ENTRY = 256;

  private record Id(TimelineState timeline, PageKey key) {
    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(timeline) + key.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Id that && timeline == that.timeline && key.equals(that.key);
    }
  }

  private final long maxBytes;
  private final LongConsumer counted;
  private final AtomicLong bytes = new AtomicLong();
  private final Cache<Id, Version> pages;

  /**
   * @param maxBytes bytes of memory, 0 or more; 0 for no cache
   * @param counted receives by how many bytes the memory grows, negative if it shrinks
   */
  public PageCache(long maxBytes, LongConsumer counted) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must be at least 0: maxBytes=" + maxBytes);
    }
    this.maxBytes = maxBytes;
    this.counted = counted;
    pages =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((Id id, Version page) -> weight(page))
            .removalListener((id, page, cause) -> removed(page))
            .executor(Runnable::run)
            .build();
  }

  private static int weight(Version page) {
    return page.value().bytes().length + BYTES_PER_ENTRY;
  }

  private void removed(@Nullable Version page) {
    if (page != null) {
      count(-weight(page));
    }
  }

  private void count(long more) {
    bytes.addAndGet(more);
    counted.accept(more);
  }

  /**
   * Returns a page and the LSN of the newest version in it, at most {@code asOf}; null if none is
   * cached. Its bytes are not written to.
   */
  @Nullable Version find(TimelineState timeline, PageKey key, Lsn asOf) {
    Version page = maxBytes == 0 ? null : pages.getIfPresent(new Id(timeline, key));
    return page == null || page.lsn().isAfter(asOf) ? null : page;
  }

  /** Caches a copy of a page, unless a page is cached that is as new. */
  void keep(TimelineState timeline, PageKey key, Lsn newest, byte[] page) {
    if (page.length + (long) BYTES_PER_ENTRY > maxBytes) {
      return;
    }
    Id id = new Id(timeline, key);
    Version cached = pages.getIfPresent(id);
    if (cached != null && !cached.lsn().isBefore(newest)) {
      return;
    }
    Version made = new Version(newest, Value.image(page.clone()));
    count(weight(made));
    Version kept = pages.asMap().merge(id, made, PageCache::newer);
    if (kept == null || kept.value().bytes() != made.value().bytes()) {
      count(-weight(made));
    }
    if (bytes.get() > maxBytes) {
      pages.cleanUp(); // as LayerCache does
    }
  }

  private static Version newer(Version cached, Version made) {
    return cached.lsn().isBefore(made.lsn()) ? made : cached;
  }

  /** Removes the pages of a store that is closed, or that has loaded its timelines again. */
  public void forget(Timelines closed) {
    pages.asMap().keySet().removeIf(id -> closed.find(id.timeline().id()) == id.timeline());
  }

  /** Removes all pages. */
  public void clear() {
    pages.invalidateAll();
  }
}
