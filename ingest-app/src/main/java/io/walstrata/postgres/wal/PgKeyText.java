package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.PageKey;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads keys in the spellings that PostgreSQL and its tools have for a page. */
public final class PgKeyText {
  /** What {@link #parse} takes, for help and messages. */
  public static final String FORMS =
      "36 hex digits, spc.db.rel.fork.block, 'rel 1663/5/16384 fork vm blk 7' as pg_waldump has it,"
          + " or a file as pg_relation_filepath has it and a block, 'base/5/16384_vm 7'; without a"
          + " fork the main fork, without a block the first one";

  private static final long DEFAULT_TABLESPACE = 1663;
  private static final long GLOBAL_TABLESPACE = 1664;

  private static final Map<String, Integer> FORKS =
      Map.of("main", 0, "fsm", 1, "vm", 2, "init", 3, "0", 0, "1", 1, "2", 2, "3", 3);

  private static final String NUMBER = "[0-9]{1,10}";

  private static final String FILE =
      "(?:(?<base>base)/(?<basedb>N)/|(?<global>global)/"
          + "|pg_tblspc/(?<spcdir>N)/PG_[0-9A-Za-z_]+/(?<spcdb>N)/|(?<spc>N)/(?<db>N)/)"
          + "(?<rel>N)(?:_(?<suffix>fsm|vm|init))?";

  private static final String FORK_AND_BLOCK =
      "(?:/(?<slashfork>main|fsm|vm|init|[0-3](?=/))(?:/(?<slashblock>N))?"
          + "|(?: fork (?<fork>main|fsm|vm|init|[0-3]))?(?: (?:blk )?(?<block>N))?)";

  private static final Pattern FORM =
      Pattern.compile(("(?:blkref #N: ?)?(?:rel )?" + FILE + FORK_AND_BLOCK).replace("N", NUMBER));

  private PgKeyText() {}

  /**
   * Reads a key in one of {@link #FORMS}.
   *
   * @throws IllegalArgumentException if it is in none of them, or a number has more than 32 bits
   */
  public static PageKey parse(String text) {
    String trimmed = text.strip();
    if (trimmed.indexOf('/') < 0) {
      try {
        return PageKey.parse(trimmed);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(e.getMessage() + "; forms of keys: " + FORMS, e);
      }
    }
    Matcher form = FORM.matcher(trimmed.replaceAll("\\s+", " "));
    if (!form.matches()) {
      throw notAKey(text);
    }
    @Nullable String suffix = form.group("suffix");
    @Nullable String fork =
        form.group("fork") == null ? form.group("slashfork") : form.group("fork");
    if (suffix != null && fork != null) {
      throw notAKey(text);
    }
    int forkNumber = FORKS.getOrDefault(suffix != null ? suffix : fork == null ? "main" : fork, 0);
    return PageKey.of(
        0, tablespace(form), database(form), number(form, "rel"), forkNumber, block(form));
  }

  private static IllegalArgumentException notAKey(String text) {
    return new IllegalArgumentException("not a page key, expected " + FORMS + ": text=" + text);
  }

  private static long tablespace(Matcher form) {
    if (form.group("base") != null) {
      return DEFAULT_TABLESPACE;
    }
    if (form.group("global") != null) {
      return GLOBAL_TABLESPACE;
    }
    return number(form, form.group("spcdir") != null ? "spcdir" : "spc");
  }

  private static long database(Matcher form) {
    if (form.group("global") != null) {
      return 0;
    }
    if (form.group("base") != null) {
      return number(form, "basedb");
    }
    return number(form, form.group("spcdir") != null ? "spcdb" : "db");
  }

  private static long block(Matcher form) {
    String name = form.group("block") == null ? "slashblock" : "block";
    return form.group(name) == null ? 0 : number(form, name);
  }

  private static long number(Matcher form, String name) {
    return Long.parseLong(form.group(name));
  }
}
