package io.walstrata.layerstore.home;

import java.io.IOException;
import java.util.List;

/**
 * Where a partition's layer files and its manifest live: a local directory, or anything else that
 * can replace one small object atomically and keep immutable files.
 *
 * <p>A layer file's name is {@code <timeline>/<file>}, 32 hexadecimal digits and a file name. Files
 * are written once, become visible whole or not at all, and never change afterwards.
 *
 * <p>Threads: reading methods may be called by any thread at any time. Writing methods ({@link
 * #replaceManifest}, {@link #create}, {@link #delete}, {@link #setAside}) belong to the holder of
 * the {@link #claim}, one thread at a time; anybody may {@link #noteDamage note damage}.
 */
public interface LayerHome {
  /** What the name of a file that was never published ends with, in {@link #list}. */
  String UNPUBLISHED_SUFFIX = ".temp";

  /** What the name of the note about a damaged file ends with, in {@link #list}. */
  String DAMAGE_SUFFIX = ".damage";

  /** Returns the name of this place in messages, for instance the directory. */
  String location();

  /**
   * Returns the manifest's bytes; an empty array if there is no manifest. It is durable when this
   * returns, unless this process may not write to the home.
   */
  byte[] readManifest() throws IOException;

  /**
   * Replaces the manifest if it still is {@code expected}: atomically, and durably when this
   * returns. After an {@link IOException} the manifest is either of the two; calling again with the
   * same arguments is the way on.
   *
   * @param expected what {@link #readManifest} gave, or the replacement of the last call
   * @throws ManifestMovedException if the manifest is neither {@code expected} nor {@code
   *     replacement}: someone else wrote it; nothing is changed
   */
  void replaceManifest(byte[] expected, byte[] replacement) throws IOException;

  /**
   * Begins a layer file. It is not visible under its name before {@link LayerFileOutput#publish}.
   */
  LayerFileOutput create(String name) throws IOException;

  /**
   * Opens a layer file for reading.
   *
   * @throws java.nio.file.NoSuchFileException if there is none of this name
   */
  LayerFileInput open(String name) throws IOException;

  /** Deletes a layer file, or the remains of one that was never published; none is no error. */
  void delete(String name) throws IOException;

  /**
   * Returns the names of all files in the timelines' directories, those that were never published
   * among them, in no order. Empty if the home does not exist yet.
   */
  List<String> list() throws IOException;

  /**
   * Leaves a note beside a layer file that it is damaged, durably: a file named like it with {@link
   * #DAMAGE_SUFFIX}. A note that is there stays as it is.
   *
   * @param why what is wrong with it, for people
   */
  void noteDamage(String name, String why) throws IOException;

  /**
   * Returns what the note about a layer file says.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  String readDamage(String name) throws IOException;

  /**
   * Moves layer files, and the notes about them, to a new place in the home where {@link #list}
   * does not see them, with a copy of the manifest and a text beside them. All of it is durable
   * when this returns; after an {@link IOException} any part of it may have been done. Nothing is
   * deleted.
   *
   * @param names of files that may be there or not, in the order in which they are moved
   * @param why for people
   * @return where they are, for messages
   */
  String setAside(List<String> names, String why) throws IOException;

  /**
   * Returns how long syncing to disk has taken so far, all syncs together, in nanoseconds; 0 where
   * nobody knows.
   */
  default long syncNanos() {
    return 0;
  }

  /**
   * Takes the home for writing, and creates it if need be. Whoever holds the claim is the only
   * writer, in this process and in others, until it is closed or the process ends.
   *
   * @throws HomeClaimedException if another owner has it, and did not give it back in the time that
   *     this home waits
   */
  Claim claim() throws IOException;
}
