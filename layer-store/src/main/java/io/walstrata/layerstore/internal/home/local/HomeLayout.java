package io.walstrata.layerstore.internal.home.local;

import java.util.regex.Pattern;

/** Names of files and directories in a local home. */
public final class HomeLayout {
  public static final String MANIFEST = "manifest";
  public static final String LOCK = "lock";

  /** The directory of what was set aside, in numbered directories. */
  public static final String DAMAGED = "damaged";

  /** The text that says why files were set aside. */
  public static final String WHY = "why.txt";

  /** What the name of a file ends with that is not published yet. */
  public static final String UNPUBLISHED_SUFFIX = ".temp";

  /** What the name of the note about a damaged file ends with, after the file's own name. */
  public static final String DAMAGE_SUFFIX = ".damage";

  /** The name of a timeline's directory. */
  public static final Pattern TIMELINE = Pattern.compile("[0-9a-f]{32}");

  private HomeLayout() {}
}
