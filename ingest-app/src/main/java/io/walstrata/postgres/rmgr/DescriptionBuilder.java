package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.WalBytes;
import io.walstrata.postgres.wal.WalRecord;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.IntFunction;

/** Collects a record's description, its parts in the forms that pg_waldump has for them. */
public final class DescriptionBuilder {
  static final long DEFAULT_TABLESPACE = 1663;
  static final long SHARED_TABLESPACE = 1664;

  private static final long MICROS = 1_000_000;

  /** PostgreSQL counts time from the year 2000 on. */
  private static final long EPOCH_SECONDS = 946_684_800;

  private final StringBuilder text = new StringBuilder();
  private final DateTimeFormatter time;

  DescriptionBuilder(ZoneId zone) {
    // The offset 0 calls itself "Z"; pg_waldump knows it as a zone.
    ZoneId named = zone.equals(ZoneOffset.UTC) ? ZoneId.of("UTC") : zone;
    // Locale.ROOT has no zone abbreviations on newer Javas.
    time = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS z", Locale.US).withZone(named);
  }

  /** Adds the parts one after the other, each as its {@code toString} is. */
  DescriptionBuilder add(Object... parts) {
    for (Object part : parts) {
      text.append(part);
    }
    return this;
  }

  /** Adds {@code yes} if the flag is set. */
  DescriptionBuilder addIf(boolean flag, String yes) {
    if (flag) {
      text.append(yes);
    }
    return this;
  }

  /** Adds {@code name[a, b, c]}. */
  DescriptionBuilder array(String name, int count, IntFunction<Object> element) {
    text.append(name).append('[');
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ", ").append(element.apply(i));
    }
    text.append(']');
    return this;
  }

  /** Adds {@code name[a, b, c]} of unsigned 16-bit numbers. */
  DescriptionBuilder offsets(String name, WalBytes data, int offset, int count) {
    return array(name, count, i -> data.u16(offset + 2 * i));
  }

  /** Adds a point in time, given in microseconds since 2000-01-01 UTC. */
  DescriptionBuilder time(long micros) {
    Instant instant =
        Instant.ofEpochSecond(
            EPOCH_SECONDS + Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1000);
    time.formatTo(instant, text);
    return this;
  }

  /** Adds {@code spc/db/rel}, read from 12 bytes. */
  DescriptionBuilder relation(WalBytes data, int offset) {
    return add(data.u32(offset), "/", data.u32(offset + 4), "/", data.u32(offset + 8));
  }

  /** Adds the path of a relation's files, without the number of the segment. */
  DescriptionBuilder path(PgVersion version, long spc, long db, long rel) {
    if (spc == SHARED_TABLESPACE) {
      return add("global/", rel);
    }
    if (spc == DEFAULT_TABLESPACE) {
      return add("base/", db, "/", rel);
    }
    return add("pg_tblspc/", spc, "/", tablespaceDirectory(version), "/", db, "/", rel);
  }

  /** What a major version puts between a tablespace and its databases: release and catalog. */
  private static String tablespaceDirectory(PgVersion version) {
    return switch (version) {
      case V15 -> "PG_15_202209061";
      case V16 -> "PG_16_202307071";
      case V17 -> "PG_17_202406281";
      case V18 -> "PG_18_202506291";
    };
  }

  static String hex(int flags) {
    return String.format(Locale.ROOT, "0x%02X", flags);
  }

  static String lsn(long value) {
    return String.format(Locale.ROOT, "%X/%X", value >>> 32, value & 0xFFFFFFFFL);
  }

  /** Returns a full transaction number as {@code epoch:xid}. */
  static String fullXid(long value) {
    return (value >>> 32) + ":" + (value & 0xFFFFFFFFL);
  }

  static char trueOrFalse(boolean value) {
    return value ? 'T' : 'F';
  }

  static char trueOrFalse(int value) {
    return trueOrFalse(value != 0);
  }

  /** Returns a number as C's {@code %g} prints it: six digits, no zeros after them. */
  static String shortest(double value) {
    if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
      return value == 0 ? "0" : Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    String scientific = String.format(Locale.ROOT, "%.5e", value);
    int split = scientific.indexOf('e');
    int exponent = Integer.parseInt(scientific.substring(split + 1));
    if (exponent < -4 || exponent >= 6) {
      return withoutZeros(scientific.substring(0, split)) + scientific.substring(split);
    }
    return withoutZeros(String.format(Locale.ROOT, "%." + (5 - exponent) + "f", value));
  }

  private static String withoutZeros(String number) {
    return number.indexOf('.') < 0 ? number : number.replaceAll("\\.?0+$", "");
  }

  /** Returns the name of the newest transaction that a record removes rows of: 16 changed it. */
  static String horizon(PgVersion version) {
    return version.atLeast(PgVersion.V16) ? "snapshotConflictHorizon" : "latestRemovedXid";
  }

  /**
   * Adds the flag of records of a catalog, which 16 introduced and 17 began to print.
   *
   * @param offset of the flag in the main data
   * @param is what stands between name and value
   */
  DescriptionBuilder catalog(WalRecord record, int offset, String is) {
    if (record.version().atLeast(PgVersion.V17)) {
      add(", isCatalogRel", is, trueOrFalse(record.mainData().u8(offset)));
    }
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
