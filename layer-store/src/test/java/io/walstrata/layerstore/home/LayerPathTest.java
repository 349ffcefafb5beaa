package io.walstrata.layerstore.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerPathTest {
  private static final LayerFileName NAME =
      new LayerFileName(
          KeyRange.of(PageKey.of(0, 1663, 5, 16384, 0, 7)),
          new LsnRange(Lsn.of(16), Lsn.of(17)),
          142);

  static Stream<LayerPath> paths() {
    LayerFileName widest =
        new LayerFileName(KeyRange.ALL, new LsnRange(Lsn.of(1), Lsn.MAX), Long.MAX_VALUE);
    return Stream.of(
        new LayerPath(new TimelineId(0, 0), NAME),
        new LayerPath(new TimelineId(0xABCDEFL, -1), NAME),
        new LayerPath(new TimelineId(-1, -1), widest));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void parse_ofToString_givesTheSamePath(LayerPath path) {
    assertThat(LayerPath.parse(path.toString())).isEqualTo(path);
    assertThat(LayerPath.tryParse(path.toString())).contains(path);
  }

  @Test
  void toString_isTheTimelineThenTheFileName() {
    assertThat(new LayerPath(new TimelineId(1, 0xAB), NAME))
        .hasToString("000000000000000100000000000000ab/" + NAME);
  }

  @Test
  void parse_ofAnythingElse_isRefused() {
    String timeline = new TimelineId(1, 0xAB).toString();
    for (String text :
        new String[] {
          "",
          "manifest",
          NAME.toString(),
          "/" + NAME,
          timeline,
          timeline + "/",
          timeline + "/../x",
          timeline + "/a.delta",
          "../" + timeline + "/" + NAME,
          timeline + "/" + NAME + ".temp",
          timeline + "/" + timeline + "/" + NAME,
          timeline + "\\" + NAME,
          timeline.toUpperCase(Locale.ROOT) + "/" + NAME,
          timeline.substring(1) + "/" + NAME,
        }) {
      assertThat(LayerPath.tryParse(text)).as(text).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LayerPath.parse(text))
          .withMessageContaining("not a layer file's path: path=" + text);
    }
  }
}
