package io.walstrata.harness.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A topic to read.
 *
 * @param message type of its messages
 * @param valueBytes size of each value
 */
public record E2eCell(Message message, int valueBytes) {
  /** Types of messages with versions in them. */
  public enum Message {
    /** {@code WalBatch}, many versions each. */
    BATCH,
    /** {@code WalRecord}, one version each. */
    RECORD;

    /** Returns the producer's name for it. */
    String setting() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int[] VALUE_BYTES = {8192, 100};

  static List<E2eCell> all() {
    List<E2eCell> cells = new ArrayList<>();
    for (Message message : Message.values()) {
      for (int valueBytes : VALUE_BYTES) {
        cells.add(new E2eCell(message, valueBytes));
      }
    }
    return cells;
  }

  /** Returns how it is called: {@code batch | 8192}. */
  public String label() {
    return message.setting() + " | " + valueBytes;
  }
}
