package io.walstrata.harness.soak;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;

/** A read of a page, and the answer that it must have. */
record ExpectedRead(TimelineId timeline, PageKey key, Lsn asOf, Ledger.Answer answer) {
  static ExpectedRead of(TimelineId timeline, Ledger ledger, PageKey key, Lsn asOf) {
    return new ExpectedRead(timeline, key, asOf, ledger.read(key, asOf));
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
        + answer
        + " actual="
        + actual;
  }
}
