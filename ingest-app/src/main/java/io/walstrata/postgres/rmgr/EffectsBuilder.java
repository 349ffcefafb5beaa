package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.postgres.wal.BlockReference;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.WalRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects the effects of one record. */
public final class EffectsBuilder {
  private static final int NO_BLOCK = -1;

  private final WalRecord record;
  private final WalMapper.Unrepresentable unrepresentable;
  private final Map<PageKey, Value> versions = new LinkedHashMap<>();
  private final List<KeyRange> tombstones = new ArrayList<>(0);
  private final List<String> refused = new ArrayList<>(0);

  /** The record as a value without images: made once, shared by all keys without one. */
  private byte @Nullable [] recordValue;

  EffectsBuilder(WalRecord record, WalMapper.Unrepresentable unrepresentable) {
    this.record = record;
    this.unrepresentable = unrepresentable;
  }

  /** Adds a version for each block reference. */
  void blocks() {
    for (BlockReference block : record.blocks()) {
      PageKey key =
          representable(
              () ->
                  PgKeys.block(block.spc(), block.db(), block.rel(), block.fork(), block.block()));
      if (key == null) {
        continue;
      }
      byte[] value = block.isImageApplied() ? record.toValue(block.id()) : recordValue();
      versions.put(key, Value.walRecord(value, block.willInit() || block.isImageApplied()));
    }
  }

  /** Adds the record to a key, unless the key has a version of this record already. */
  void change(Supplier<PageKey> key) {
    put(key, ValueKind.WAL_RECORD);
  }

  /** Adds the record to a key as one that needs no older version. */
  void init(Supplier<PageKey> key) {
    put(key, ValueKind.WAL_RECORD_WILL_INIT);
  }

  /** As above, for a key that can always be represented. */
  void change(PageKey key) {
    change(() -> key);
  }

  /** As above, for a key that can always be represented. */
  void init(PageKey key) {
    init(() -> key);
  }

  /** Adds a tombstone for a range of keys. */
  void tombstone(Supplier<KeyRange> range) {
    KeyRange deleted = representable(range);
    if (deleted != null) {
      tombstones.add(deleted);
    }
  }

  WalEffects build() {
    List<PageVersion> list = new ArrayList<>(versions.size());
    versions.forEach((key, value) -> list.add(new PageVersion(key, value)));
    return new WalEffects(record.endLsn(), list, tombstones, refused);
  }

  private void put(Supplier<PageKey> supplier, ValueKind kind) {
    PageKey key = representable(supplier);
    if (key != null) {
      versions.putIfAbsent(key, new Value(kind, recordValue()));
    }
  }

  private byte[] recordValue() {
    byte[] value = recordValue;
    if (value == null) {
      value = record.toValue(NO_BLOCK);
      recordValue = value;
    }
    return value;
  }

  private <T> @Nullable T representable(Supplier<T> supplier) {
    try {
      return supplier.get();
    } catch (UnrepresentableKeyException e) {
      String what = e.getMessage() + ", record=" + record;
      if (unrepresentable == WalMapper.Unrepresentable.FAIL) {
        throw new UnrepresentableKeyException(
            what
                + "; move what is in that tablespace to one with an OID below 65535, or leave it"
                + " out on purpose");
      }
      refused.add(what);
      return null;
    }
  }
}
