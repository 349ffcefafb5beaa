package io.walstrata.harness.soak;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;

/** A read, and what it must give. */
record Question(TimelineId timeline, PageKey key, Lsn asOf, Ledger.Answer expected) {
  static Question of(TimelineId timeline, Ledger ledger, PageKey key, Lsn asOf) {
    return new Question(timeline, key, asOf, ledger.read(key, asOf));
  }

  /** Returns what is wrong with an answer, for people. */
  String mismatch(String source, Ledger.Answer actual) {
    return "source="
        + source
        + " timeline="
        + timeline
        + " key="
        + key
        + " asOf="
        + asOf
        + " expected="
        + expected
        + " actual="
        + actual;
  }
}
