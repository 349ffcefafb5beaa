package io.walstrata.layerstore.streams.internal;

import static io.walstrata.layerstore.streams.internal.TextWal.put;

import io.walstrata.layerstore.FreezePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Logs with all that can be in a topic, and freeze policies for them. */
final class RandomWal {
  private final Random random;
  private final List<String> sent = new ArrayList<>();
  private long lsn = 1000;

  private RandomWal(Random random) {
    this.random = random;
  }

  static TestLog log(Random random) {
    RandomWal wal = new RandomWal(random);
    TestLog log = new TestLog();
    int size = 20 + random.nextInt(60);
    for (int i = 0; i < size; i++) {
      wal.addTo(log);
    }
    return log;
  }

  static FreezePolicy policy(Random random) {
    FreezePolicy policy = FreezePolicy.everyOffsets(1 + random.nextInt(12));
    return switch (random.nextInt(4)) {
      case 0 -> policy.withEveryBytes(20 + random.nextInt(400));
      case 1 -> FreezePolicy.everyAgeMs(1000L * (1 + random.nextInt(15)));
      case 2 -> FreezePolicy.everyBytes(20 + random.nextInt(1000));
      default -> policy;
    };
  }

  private void addTo(TestLog log) {
    lsn += random.nextInt(3);
    switch (random.nextInt(16)) {
      case 0 -> log.add("garbage");
      case 1 -> log.addWithoutKey(put(timeline(), block(), lsn, value()));
      case 2 -> log.hole(1 + random.nextInt(8));
      case 3 -> log.add(send(drop()));
      case 4 -> log.add("progress " + timeline() + " " + lsn);
      case 5 -> log.add(put(timeline(), block(), Math.max(1, lsn - random.nextInt(20)), value()));
      case 6, 7 -> log.add(send(batch()));
      case 8 -> log.add(send(drop() + "\n" + batch() + "\nprogress " + timeline() + " " + lsn));
      case 9, 10 -> log.add(sent.isEmpty() ? "garbage" : sent.get(random.nextInt(sent.size())));
      default -> log.add(send(put(timeline(), block(), lsn, value())));
    }
  }

  private String send(String text) {
    sent.add(text);
    return text;
  }

  private int timeline() {
    return 1 + random.nextInt(3);
  }

  private int block() {
    return random.nextInt(5);
  }

  private String value() {
    return "v" + random.nextInt(1000);
  }

  private String drop() {
    int first = block();
    return "drop " + timeline() + " " + first + " " + (first + 2) + " " + lsn;
  }

  /** Some (key, LSN) twice, with another value. */
  private String batch() {
    StringBuilder text = new StringBuilder("batch " + timeline());
    long each = lsn;
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      String kind = random.nextBoolean() ? "record" : random.nextBoolean() ? "init" : "image";
      text.append(' ').append(block()).append(':').append(each).append(':').append(kind);
      text.append(':').append(value());
      each += random.nextInt(2);
    }
    return text.toString();
  }
}
