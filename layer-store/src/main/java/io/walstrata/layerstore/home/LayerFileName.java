package io.walstrata.layerstore.home;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A delta layer file's name: {@code <startKey>-<endKey>__<startLsn>-<endLsn>__<endOffset>.delta},
 * keys in 36 hexadecimal digits, the rest in 16, all upper case.
 *
 * <p>Key and LSN ranges alone are not unique: two successive layers may share their boundary LSN,
 * and a tombstone can give them the same key range. No two layers of a timeline end at the same log
 * offset.
 *
 * @param keyRange keys of the layer
 * @param lsnRange LSNs of the layer
 * @param endOffset the first log offset after those that the layer covers; at least 0
 */
public record LayerFileName(KeyRange keyRange, LsnRange lsnRange, long endOffset) {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final Pattern PATTERN =
      Pattern.compile(
          "([0-9A-F]{36})-([0-9A-F]{36})__([0-9A-F]{16})-([0-9A-F]{16})__([0-9A-F]{16})\\.delta");

  /**
   * @throws IllegalArgumentException if the offset is negative
   */
  public LayerFileName {
    if (endOffset < 0) {
      throw new IllegalArgumentException("endOffset must be at least 0: endOffset=" + endOffset);
    }
  }

  /**
   * Parses a name.
   *
   * @throws IllegalArgumentException if {@link #toString} never returns this text
   */
  public static LayerFileName parse(String text) {
    Matcher parts = PATTERN.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not a delta layer's file name: name=" + text);
    }
    try {
      return new LayerFileName(
          new KeyRange(PageKey.parse(parts.group(1)), PageKey.parse(parts.group(2))),
          new LsnRange(Lsn.of(number(parts.group(3))), Lsn.of(number(parts.group(4)))),
          number(parts.group(5)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a delta layer's file name: name=" + text, e);
    }
  }

  /** Parses a name; empty if it is not a delta layer's. */
  public static Optional<LayerFileName> tryParse(String text) {
    try {
      return Optional.of(parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static long number(String hex) {
    return HexFormat.fromHexDigitsToLong(hex);
  }

  @Override
  public String toString() {
    return keyRange
        + "__"
        + HEX.toHexDigits(lsnRange.startLsn().value())
        + "-"
        + HEX.toHexDigits(lsnRange.endLsn().value())
        + "__"
        + HEX.toHexDigits(endOffset)
        + ".delta";
  }
}
