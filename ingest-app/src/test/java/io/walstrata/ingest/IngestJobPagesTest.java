package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.http.FileSizes;
import io.walstrata.ingest.http.HttpApi;
import io.walstrata.ingest.http.PageChecksums;
import io.walstrata.layerstore.redo.BytePatchRedo;
import io.walstrata.layerstore.redo.ImageRedo;
import io.walstrata.layerstore.redo.PageRedo;
import io.walstrata.postgres.redo.PostgresRedo;
import java.util.List;
import org.junit.jupiter.api.Test;

class IngestJobPagesTest {
  private static HttpApi.Options options(PageRedo redo) {
    return IngestJob.forPages(HttpApi.Options.DEFAULTS, redo);
  }

  @Test
  void pagesOfAnotherRedo_getNoChecksumAndHaveNoSizes() {
    for (PageRedo redo : List.of(new ImageRedo(), new BytePatchRedo(8192))) {
      assertThat(options(redo).checksums()).isSameAs(PageChecksums.NONE);
      assertThat(options(redo).sizes()).isSameAs(FileSizes.NONE);
    }
  }

  @Test
  void pagesOfPostgres_haveBoth() {
    assertThat(options(new PostgresRedo()).checksums()).isNotSameAs(PageChecksums.NONE);
    assertThat(options(new PostgresRedo()).sizes()).isNotSameAs(FileSizes.NONE);
  }
}
