package io.walstrata.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntityTagTest {
  private static String tag(String asOf, String firstLsn) {
    return EntityTag.of(
        new ReconstructData(
            FakeReads.TIMELINE,
            PageKey.parse(FakeReads.key(FakeReads.INCOMPLETE)),
            Lsn.parse(asOf),
            Lsn.parse(firstLsn),
            Lsn.MAX,
            ReconstructData.Status.INCOMPLETE,
            /* base= */ null,
            List.of(),
            /* droppedAt= */ null,
            List.of(),
            ReadCost.NONE),
        /* withBytes= */ false);
  }

  @Test
  void fieldsThatReadTheSameTogether_differ() {
    assertThat(tag("FF/1", "23/4")).isEqualTo(tag("FF/1", "23/4"));
    assertThat(tag("FF/1", "23/4")).isNotEqualTo(tag("FF/12", "3/4"));
  }
}
