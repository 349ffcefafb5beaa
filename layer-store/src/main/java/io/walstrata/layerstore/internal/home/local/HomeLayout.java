package io.walstrata.layerstore.internal.home.local;

import java.util.regex.Pattern;

/** Names of files and directories in a local home. */
public final class HomeLayout {
  public static final String MANIFEST = "manifest";
  public static final String LOCK = "lock";

  /** The directory of files that were set aside, in numbered directories. */
  public static final String DAMAGED = "damaged";

  /** The file with the reason why files were set aside. */
  public static final String WHY = "why.txt";

  /** The suffix of a file that is not published yet. */
  public static final String UNPUBLISHED_SUFFIX = ".temp";

  /** The suffix of the note about a damaged file, after the file's own name. */
  public static final String DAMAGE_SUFFIX = ".damage";

  /** Matches the name of a timeline's directory. */
  public static final Pattern TIMELINE = Pattern.compile("[0-9a-f]{32}");

  private HomeLayout() {}
}
