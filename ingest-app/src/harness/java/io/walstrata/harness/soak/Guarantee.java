package io.walstrata.harness.soak;

import java.util.Locale;

/** The processing guarantees of Kafka Streams. */
public enum Guarantee {
  AT_LEAST_ONCE,
  EXACTLY_ONCE_V2;

  /** Returns the value of {@code processing.guarantee}. */
  public String setting() {
    return name().toLowerCase(Locale.ROOT);
  }
}
