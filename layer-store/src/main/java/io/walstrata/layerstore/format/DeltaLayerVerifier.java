package io.walstrata.layerstore.format;

import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds up what a file's blocks hold and compares it with what its footer says. */
final class DeltaLayerVerifier {
  private final String file;
  private final DeltaLayerFooter footer;
  private final KeyFilter filter;

  private @Nullable PageKey lastKey;
  private Lsn lastLsn = Lsn.INVALID;
  private long versions;
  private long keys;
  private long valueBytes;
  private PageKey minKey = PageKey.MAX;
  private PageKey endKey = PageKey.MIN;
  private Lsn minLsn = Lsn.MAX;
  private Lsn maxLsn = Lsn.INVALID;

  DeltaLayerVerifier(String file, DeltaLayerFooter footer, KeyFilter filter) {
    this.file = file;
    this.footer = footer;
    this.filter = filter;
  }

  void block(Block block) throws CorruptLayerException {
    for (int entry = 0; entry < block.entries(); entry++) {
      PageKey key = block.key(entry);
      Lsn lsn = block.lsn(entry);
      int order = lastKey == null ? 1 : key.compareTo(lastKey);
      if (order < 0 || (order == 0 && !lsn.isAfter(lastLsn))) {
        throw block.corrupt(
            entry, "version order", "behind " + lastKey + "@" + lastLsn, key + "@" + lsn);
      }
      if (!footer.keyRange().contains(key) || !footer.lsnRange().contains(lsn)) {
        throw block.corrupt(
            entry,
            "version",
            "one inside " + footer.keyRange() + "@" + footer.lsnRange(),
            key + "@" + lsn);
      }
      if (order != 0) {
        keys++;
        if (!filter.mayContain(KeyFilter.hash(key))) {
          throw block.corrupt(entry, "key filter", "contains " + key, "does not");
        }
        cover(key, key.next());
      }
      cover(lsn);
      versions++;
      valueBytes += block.value(entry).bytes().length;
      lastKey = key;
      lastLsn = lsn;
    }
  }

  private void cover(PageKey start, PageKey end) {
    minKey = start.compareTo(minKey) < 0 ? start : minKey;
    endKey = end.compareTo(endKey) > 0 ? end : endKey;
  }

  private void cover(Lsn lsn) {
    minLsn = lsn.isBefore(minLsn) ? lsn : minLsn;
    maxLsn = lsn.isAfter(maxLsn) ? lsn : maxLsn;
  }

  void finish(List<Tombstone> tombstones) throws CorruptLayerException {
    for (Tombstone tombstone : tombstones) {
      cover(tombstone.keys().startKey(), tombstone.keys().endKey());
      cover(tombstone.lsn());
    }
    check("versions", footer.versions(), versions);
    check("keys", footer.keys(), keys);
    check("value bytes", footer.valueBytes(), valueBytes);
    if (versions == 0 && tombstones.isEmpty()) {
      check("content", "a version or a tombstone", "nothing");
    }
    check("key range", footer.keyRange(), new KeyRange(minKey, endKey));
    check("LSN range", footer.lsnRange(), new LsnRange(minLsn, maxLsn.next()));
  }

  private void check(String what, Object expected, Object actual) throws CorruptLayerException {
    if (!expected.equals(actual)) {
      throw new CorruptLayerException(file, footer.footerPosition(), what, expected, actual);
    }
  }
}
