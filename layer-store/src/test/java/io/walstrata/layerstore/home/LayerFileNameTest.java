package io.walstrata.layerstore.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerFileNameTest {
  static Stream<LayerFileName> names() {
    PageKey page = PageKey.of(0, 1663, 5, 16384, 0, 7);
    LsnRange widest = new LsnRange(Lsn.of(1), Lsn.MAX);
    return Stream.of(
        new LayerFileName(KeyRange.of(page), new LsnRange(Lsn.of(16), Lsn.of(17)), 0),
        new LayerFileName(KeyRange.ALL, widest, Long.MAX_VALUE),
        new LayerFileName(KeyRange.of(new PageKey(-1, -2)), widest, 1),
        new LayerFileName(
            KeyRange.of(PageKey.of(255, 0xFFFFFFFFL, 0xFFFFFFFFL, 1, 3, 0)), widest, 1));
  }

  @ParameterizedTest
  @MethodSource("names")
  void parse_ofToString_givesTheSameName(LayerFileName name) {
    assertThat(LayerFileName.parse(name.toString())).isEqualTo(name);
    assertThat(name.toString()).hasSize(36 + 1 + 36 + 2 + 16 + 1 + 16 + 2 + 16 + 6);
  }

  @Test
  void toString_isKeysThenLsnsThenOffset() {
    PageKey page = PageKey.of(0, 1663, 5, 16384, 0, 7);
    LayerFileName name =
        new LayerFileName(
            KeyRange.of(page), new LsnRange(Lsn.of(16), Lsn.parse("16/B374D849")), 142);

    assertThat(name.toString())
        .isEqualTo(
            "000000067F00000005000040000000000007-000000067F00000005000040000000000008"
                + "__0000000000000010-00000016B374D849__000000000000008E.delta");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "manifest",
        "x.delta",
        "../000000067F00000005000040000000000007.delta",
      })
  void parse_ofAnythingElse_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerFileName.parse(text))
        .withMessageContaining("not a delta layer's file name");
    assertThat(LayerFileName.tryParse(text)).isEmpty();
  }

  @Test
  void parse_ofANameThatIsNotOurs_isRefused() {
    String good = names().toList().get(0).toString();
    assertThat(LayerFileName.tryParse(good)).isPresent();
    assertThat(LayerFileName.tryParse(good.toLowerCase(java.util.Locale.ROOT))).isEmpty();
    assertThat(LayerFileName.tryParse(good + ".temp")).isEmpty();
    assertThat(LayerFileName.tryParse(" " + good)).isEmpty();
    // ranges that end before they start, an offset below 0, a tablespace of 17 bits
    assertThat(LayerFileName.tryParse(good.replace("10-0000000000000011", "11-0000000000000011")))
        .isEmpty();
    assertThat(LayerFileName.tryParse(good.replace("__0000000000000000.", "__8000000000000000.")))
        .isEmpty();
    assertThat(LayerFileName.tryParse(good.replace("000000067F", "000001067F"))).isEmpty();
  }
}
