package io.walstrata.ingest.cli;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.wal.PgKeyText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Keys and LSNs in arguments and in JSON. */
final class KeyText {
  private KeyText() {}

  /**
   * Returns the decimal spelling, which arguments take too; null for a key that has none, as it is
   * of another kind than 0 or the end of the key space.
   */
  static @Nullable String dotted(PageKey key) {
    return key.kind() == 0 ? key.dotted() : null;
  }

  /** Reads a key, as {@code get} does. */
  static final class OfKey implements ITypeConverter<PageKey> {
    @Override
    public PageKey convert(String text) {
      try {
        PageKey key = PgKeyText.parse(text);
        if (key.equals(PageKey.MAX)) {
          throw new TypeConversionException("the end of the key space is no key: text=" + text);
        }
        return key;
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Reads an LSN. */
  static final class OfLsn implements ITypeConverter<Lsn> {
    @Override
    public Lsn convert(String text) {
      try {
        return Lsn.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
