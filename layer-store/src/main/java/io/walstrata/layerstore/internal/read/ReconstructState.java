package io.walstrata.layerstore.internal.read;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.cursor.VersionVisitor;
import io.walstrata.layerstore.internal.layer.Layer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the versions for one page as of one LSN, from one layer after the other, newest to
 * oldest. For one thread.
 */
public final class ReconstructState implements VersionVisitor {
  /*
   * A tombstone hides versions at its own LSN too, and may be in an older layer than those: layers
   * may share their boundary LSN. So it can remove versions that newer layers have added, and after
   * a base has been found the tombstones of older layers count as long as those layers include its
   * LSN.
   *
   * A page that redo made before takes the place of all versions at or below its LSN, so that these
   * are not read: `known`. A tombstone at that LSN or above hides the page with them, and is looked
   * for in each layer that may have that LSN; an older one hides only what is in the page already.
   */
  private final PageKey key;
  private final Lsn asOf;
  private final CostCounter cost;
  private final List<Version> newestFirst = new ArrayList<>(4);
  private final List<Layer> asked = new ArrayList<>(4);
  private Lsn droppedAt = Lsn.INVALID;
  private @Nullable Version known; // null once a tombstone hides it; then nothing older counts
  private boolean hasBase;

  public ReconstructState(PageKey key, Lsn asOf, CostCounter cost) {
    this(key, asOf, null, cost);
  }

  /**
   * @param known a page that redo made before, and the LSN of the newest version in it, at most
   *     {@code asOf}; null for none
   */
  public ReconstructState(PageKey key, Lsn asOf, @Nullable Version known, CostCounter cost) {
    this.key = key;
    this.asOf = asOf;
    this.known = known;
    this.cost = cost;
  }

  public PageKey key() {
    return key;
  }

  public Lsn asOf() {
    return asOf;
  }

  /**
   * Returns whether {@code layer}, the next older one, and all layers below it cannot contribute.
   */
  public boolean isOver(Layer layer) {
    return isDropped()
        || (hasBase && layer.lsnRange().endLsn().compareTo(oldest()) <= 0)
        || isInKnown(layer);
  }

  /** Returns whether a known page has all that {@code layer} and older ones have. */
  boolean isInKnown(Layer layer) {
    Version page = known;
    return page != null && layer.lsnRange().endLsn().compareTo(page.lsn()) <= 0;
  }

  /** Adds the versions and tombstones of the next older layer that count. */
  public void ask(Layer layer) throws IOException {
    if (needsVersions(layer)) {
      layer.descend(key, asOf, above(), this, cost);
    }
  }

  /**
   * Adds the versions and tombstones of the next older layer that count, the versions read by a
   * cursor over the layer.
   */
  public void ask(Layer layer, VersionCursor versions) throws IOException {
    if (needsVersions(layer)) {
      versions.descend(key, asOf, above(), this);
    }
  }

  /** Adds the versions of the next older layer, whose tombstones were added before. */
  public void take(Layer layer, VersionCursor versions) throws IOException {
    if (countsVersionsOf(layer)) {
      versions.descend(key, asOf, above(), this);
    }
  }

  private boolean needsVersions(Layer layer) throws IOException {
    if (layer.tombstones() > 0) {
      tombstone(layer.newestTombstone(key, asOf, cost));
    }
    return countsVersionsOf(layer);
  }

  private boolean countsVersionsOf(Layer layer) {
    if (hasBase) {
      return false;
    }
    asked.add(layer);
    return above().isBefore(asOf);
  }

  /** Returns the LSN below or at which no version counts. */
  private Lsn above() {
    Version page = known;
    return page == null ? droppedAt : page.lsn();
  }

  /** Adds a tombstone that covers the page; {@link Lsn#INVALID} for none. */
  public void tombstone(Lsn lsn) {
    Version page = known;
    if (page != null) {
      if (lsn.isBefore(page.lsn())) {
        return;
      }
      known = null;
    }
    if (lsn.isAfter(droppedAt)) {
      droppedAt = lsn;
      while (!newestFirst.isEmpty() && !oldest().isAfter(droppedAt)) {
        newestFirst.remove(newestFirst.size() - 1);
        hasBase = false;
      }
    }
  }

  /** Adds the next older version; returns whether more are needed. */
  @Override
  public boolean visit(PageKey ofKey, Lsn lsn, Value value) {
    assert !hasBase : "version below the base: lsn=" + lsn;
    newestFirst.add(new Version(lsn, value));
    hasBase = !value.kind().needsOlder();
    return !hasBase;
  }

  private Lsn oldest() {
    return newestFirst.get(newestFirst.size() - 1).lsn();
  }

  /** Returns whether an image or a will_init record was found. */
  public boolean hasBase() {
    return hasBase;
  }

  /** Returns whether the versions that count start from a base or from a known page. */
  boolean isComplete() {
    return hasBase || known != null;
  }

  /** Returns whether a tombstone was found. */
  public boolean isDropped() {
    return !droppedAt.equals(Lsn.INVALID);
  }

  /** Returns the LSN of the newest tombstone that was found, {@link Lsn#INVALID} for none. */
  public Lsn droppedAt() {
    return droppedAt;
  }

  /** Returns whether there is a version that counts. */
  public boolean hasVersions() {
    return !newestFirst.isEmpty();
  }

  /** Returns the image that the versions start from; null if they start from none. */
  public @Nullable Version image() {
    if (!hasBase) {
      return known;
    }
    Version oldest = newestFirst.get(newestFirst.size() - 1);
    return oldest.value().kind() == ValueKind.IMAGE ? oldest : null;
  }

  /** Returns the other versions that count, oldest first. */
  public List<Version> records() {
    int count = newestFirst.size() - (hasBase && image() != null ? 1 : 0);
    if (count == 0) {
      return List.of();
    }
    Version[] oldestFirst = new Version[count];
    for (int i = 0; i < count; i++) {
      oldestFirst[i] = newestFirst.get(count - 1 - i);
    }
    return List.of(oldestFirst);
  }

  /** Returns the layers that were asked for versions, newest first. */
  public List<Layer> asked() {
    return asked;
  }

  public CostCounter cost() {
    return cost;
  }
}
