package io.walstrata.harness.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples that FORMAT.md gives. */
class LedgerDigestTest {
  @ParameterizedTest
  @CsvSource({
    "'', C9D874CA57D9E055",
    "123456789, 553DB0CA661B5201",
    "0123456789abcdef, D5D87AE1731F1409",
    "The quick brown fox jumps over the lazy dog, 960129C9A446CA6E"
  })
  void hashOfValue_isThatOfTheFormat(String value, String hash) {
    assertThat(LedgerDigest.hash(value.getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(HexFormat.fromHexDigitsToLong(hash));
  }
}
