package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.layerstore.streams.WalSink;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects one record's operations between decoding and applying: a record is refused whole or not
 * at all, so all of it is decoded and checked first. Reused for each record; not thread-safe.
 */
final class WalOperations implements WalSink {
  sealed interface Operation permits Batch, One, Tombstone, Progress {
    TimelineId timeline();
  }

  record Batch(ValueBatch batch) implements Operation {
    @Override
    public TimelineId timeline() {
      return batch.timeline();
    }
  }

  record One(TimelineId timeline, PageKey key, Lsn lsn, Value value) implements Operation {}

  record Tombstone(TimelineId timeline, KeyRange keys, Lsn lsn) implements Operation {}

  record Progress(TimelineId timeline, Lsn lsn) implements Operation {}

  private final List<Operation> operations = new ArrayList<>();

  /**
   * Decodes a record and returns its operations, valid until the next call.
   *
   * @throws BadRecordException if the record is bad, a null key or value included
   */
  List<Operation> decode(WalDecoder decoder, RawRecord record) throws BadRecordException {
    operations.clear();
    if (record.key() == null) {
      throw new BadRecordException(
          BadRecordReason.NULL_KEY, "the record has no key, and a restore would skip it");
    }
    if (record.value() == null) {
      throw new BadRecordException(BadRecordReason.NULL_VALUE, "the record has no value");
    }
    try {
      decoder.decode(record, this);
    } catch (UnrepresentableKeyException e) {
      throw new BadRecordException(BadRecordReason.UNREPRESENTABLE_KEY, text(e), e);
    } catch (IllegalArgumentException e) {
      throw new BadRecordException(BadRecordReason.MALFORMED, text(e), e);
    }
    return operations;
  }

  /** Returns the timelines that operations are for: nearly always one. */
  static Set<TimelineId> timelines(List<Operation> operations) {
    TimelineId first = null;
    Set<TimelineId> others = null;
    for (Operation operation : operations) {
      TimelineId timeline = operation.timeline();
      if (operation instanceof Batch batch && batch.batch().size() == 0) {
        continue;
      }
      if (first == null) {
        first = timeline;
      } else if (!timeline.equals(first)) {
        others = others == null ? new HashSet<>() : others;
        others.add(timeline);
      }
    }
    if (others != null && first != null) {
      others.add(first);
      return others;
    }
    return first == null ? Set.of() : Set.of(first);
  }

  private static String text(RuntimeException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  @Override
  public void batch(ValueBatch batch) throws BadRecordException {
    batch.requireDisjoint();
    if (batch.rawLength() > Value.MAX_BYTES) {
      for (int entry = 0; entry < batch.size(); entry++) {
        checkLength(batch.key(entry), batch.length(entry));
      }
    }
    operations.add(new Batch(batch));
  }

  @Override
  public void version(TimelineId timeline, PageKey key, Lsn lsn, Value value)
      throws BadRecordException {
    checkLsn("version", lsn);
    if (key.equals(PageKey.MAX)) {
      throw new BadRecordException(
          BadRecordReason.UNREPRESENTABLE_KEY, "the last key is reserved: key=" + key);
    }
    checkLength(key, value.bytes().length);
    operations.add(new One(timeline, key, lsn, value));
  }

  @Override
  public void tombstone(TimelineId timeline, KeyRange keys, Lsn lsn) throws BadRecordException {
    checkLsn("tombstone", lsn);
    operations.add(new Tombstone(timeline, keys, lsn));
  }

  @Override
  public void progress(TimelineId timeline, Lsn lsn) throws BadRecordException {
    checkLsn("progress mark", lsn);
    operations.add(new Progress(timeline, lsn));
  }

  private static void checkLength(PageKey key, int length) throws BadRecordException {
    if (length > Value.MAX_BYTES) {
      throw new BadRecordException(
          BadRecordReason.VALUE_TOO_LARGE,
          "value too long: key=" + key + ", length=" + length + ", maxLength=" + Value.MAX_BYTES);
    }
  }

  private static void checkLsn(String of, Lsn lsn) throws BadRecordException {
    if (!lsn.isValid()) {
      throw new BadRecordException(
          BadRecordReason.INVALID_LSN, "a " + of + " cannot have this LSN: lsn=" + lsn);
    }
  }
}
