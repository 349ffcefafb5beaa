package io.walstrata.layerstore.streams.internal;

import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.IngestCounter;
import io.walstrata.layerstore.streams.IngestCounters;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Holds the counters of one store: written by its thread, read by any. */
@SuppressWarnings("EnumOrdinal") // Several are counted for each record; ordinals stay in here.
final class RecordCounters {
  private final LongAdder[] counts = adders(IngestCounter.values().length); // by ordinal
  private final LongAdder[] bad = adders(BadRecordReason.values().length); // by ordinal

  private static LongAdder[] adders(int length) {
    LongAdder[] adders = new LongAdder[length];
    for (int i = 0; i < length; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  void increment(IngestCounter counter) {
    counts[counter.ordinal()].increment();
  }

  void add(IngestCounter counter, long count) {
    counts[counter.ordinal()].add(count);
  }

  void bad(BadRecordReason reason) {
    bad[reason.ordinal()].increment();
  }

  IngestCounters counters() {
    return new IngestCounters(sums(IngestCounter.class, counts), sums(BadRecordReason.class, bad));
  }

  /** Returns the sums that are not 0. */
  private static <E extends Enum<E>> Map<E, Long> sums(Class<E> type, LongAdder[] adders) {
    Map<E, Long> sums = new EnumMap<>(type);
    for (E each : type.getEnumConstants()) {
      long sum = adders[each.ordinal()].sum();
      if (sum != 0) {
        sums.put(each, sum);
      }
    }
    return sums;
  }
}
