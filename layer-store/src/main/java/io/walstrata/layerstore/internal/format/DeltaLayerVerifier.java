package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds up the content of a file's blocks and compares it with what the footer states. */
final class DeltaLayerVerifier {
  private final String file;
  private final DeltaLayerFooter footer;
  private final KeyFilter filter;
  private final ContentDigest digest;

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
    digest = new ContentDigest(footer.timeline());
  }

  void block(Block block) throws CorruptLayerException {
    for (int run = 0; run < block.keys(); run++) {
      PageKey key = block.key(run);
      @Nullable PageKey before = lastKey;
      int order = before == null ? 1 : key.compareTo(before);
      // A key may continue from the block before, but has one run in a block.
      if (before != null && (order < 0 || (order == 0 && run > 0))) {
        throw block.corruptKey(run, "key order", "one after " + before.describe(), key.describe());
      }
      if (!footer.keyRange().contains(key)) {
        throw block.corruptKey(
            run, "key", "one inside " + footer.keyRange().describe(), key.describe());
      }
      long hash = Mix.hash(key);
      if (order != 0) {
        keys++;
        if (!filter.mayContain(hash)) {
          throw block.corruptKey(run, "key filter", "contains " + key.describe(), "does not");
        }
        cover(key, key.next());
        lastKey = key;
        lastLsn = Lsn.INVALID;
      }
      entries(block, run, hash);
    }
  }

  private void entries(Block block, int run, long keyHash) throws CorruptLayerException {
    int end = block.end(run);
    for (int entry = block.start(run); entry < end; entry++) {
      Lsn lsn = block.lsn(entry);
      if (!lsn.isAfter(lastLsn)) {
        throw block.corruptEntry(entry, "version order", "greater than " + lastLsn, lsn);
      }
      if (!footer.lsnRange().contains(lsn)) {
        throw block.corruptEntry(entry, "LSN", "one inside " + footer.lsnRange(), lsn);
      }
      cover(lsn);
      int length = block.valueLength(entry);
      long hash = digest.hash(keyHash, lsn.value(), block.kind(entry).id());
      digest.add(hash, block.array(), block.valueStart(entry), length);
      versions++;
      valueBytes += length;
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
      digest.add(tombstone);
    }
    check("versions", footer.versions(), versions);
    check("keys", footer.keys(), keys);
    check("value bytes", footer.valueBytes(), valueBytes);
    if (versions == 0 && tombstones.isEmpty()) {
      check("content", "a version or a tombstone", "nothing");
    }
    check("key range", footer.keyRange(), new KeyRange(minKey, endKey));
    check("content digest", footer.contentDigest(), digest.value());
    check("LSN range", footer.lsnRange(), new LsnRange(minLsn, maxLsn.next()));
  }

  private void check(String what, Object expected, Object actual) throws CorruptLayerException {
    if (!expected.equals(actual)) {
      throw new CorruptLayerException(file, footer.footerPosition(), what, expected, actual);
    }
  }
}
