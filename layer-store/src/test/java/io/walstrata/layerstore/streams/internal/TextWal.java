package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.layerstore.streams.WalSink;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * WAL messages that a test can read: one operation a line.
 *
 * <pre>
 * put  TIMELINE BLOCK LSN (image|record|init) TEXT
 * batch TIMELINE BLOCK:LSN:KIND:TEXT …
 * drop TIMELINE FIRST_BLOCK END_BLOCK LSN
 * progress TIMELINE LSN
 * key-too-large                       a key that cannot be held
 * </pre>
 *
 * Anything else is undecodable. Numbers are decimal.
 */
final class TextWal implements WalDecoder {
  static final AtomicInteger CLOSED = new AtomicInteger();

  static TimelineId timeline(long n) {
    return new TimelineId(0, n);
  }

  static PageKey page(long block) {
    return PageKey.of(0, 1663, 5, 16384, 0, block);
  }

  static String put(long timeline, long block, long lsn, String text) {
    return "put " + timeline + " " + block + " " + lsn + " image " + text;
  }

  @Override
  public void decode(RawRecord record, WalSink sink) throws BadRecordException {
    String text = new String(record.value(), StandardCharsets.UTF_8);
    for (String line : text.split("\n", -1)) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "put" ->
            sink.version(
                timeline(number(words[1])),
                page(number(words[2])),
                Lsn.of(number(words[3])),
                new Value(kind(words[4]), bytes(words[5])));
        case "batch" -> sink.batch(batch(words));
        case "drop" ->
            sink.tombstone(
                timeline(number(words[1])),
                new KeyRange(page(number(words[2])), page(number(words[3]))),
                Lsn.of(number(words[4])));
        case "progress" -> sink.progress(timeline(number(words[1])), Lsn.of(number(words[2])));
        case "key-too-large" -> PageKey.of(0, 70_000, 0, 0, 0, 0);
        default ->
            throw new BadRecordException(
                BadRecordReason.UNDECODABLE, "no such operation: " + words[0]);
      }
    }
  }

  private static ValueBatch batch(String[] words) {
    StringBuilder raw = new StringBuilder();
    for (int i = 2; i < words.length; i++) {
      raw.append(words[i].split(":", -1)[3]);
    }
    byte[] values = bytes(raw.toString());
    ValueBatch batch = new ValueBatch();
    batch.reset(timeline(number(words[1])), values, 0, values.length);
    int offset = 0;
    for (int i = 2; i < words.length; i++) {
      String[] fields = words[i].split(":", -1);
      int length = bytes(fields[3]).length;
      batch.add(
          page(number(fields[0])), Lsn.of(number(fields[1])), offset, length, kind(fields[2]));
      offset += length;
    }
    return batch;
  }

  private static ValueKind kind(String word) {
    return switch (word) {
      case "image" -> ValueKind.IMAGE;
      case "record" -> ValueKind.WAL_RECORD;
      case "init" -> ValueKind.WAL_RECORD_WILL_INIT;
      default -> throw new IllegalArgumentException("no such kind: " + word);
    };
  }

  private static long number(String word) {
    return Long.parseLong(word);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    CLOSED.incrementAndGet();
  }
}
