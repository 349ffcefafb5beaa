package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.redo.RedoResult;

/** Assertions on results that are no page. */
final class Refusals {
  private Refusals() {}

  static void assertRefused(RedoResult result, Lsn lsn, RedoResult.Reason reason) {
    assertThat(result).isInstanceOf(RedoResult.Refused.class);
    RedoResult.Refused refused = (RedoResult.Refused) result;
    assertThat(refused.reason()).as(refused.detail()).isEqualTo(reason);
    assertThat(refused.lsn()).as(refused.detail()).isEqualTo(lsn);
  }
}
