package io.walstrata.layerstore.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * The layer files and the manifest of one partition: in a local directory, in an object store, or
 * in anything else that can compare and replace one small object and keep immutable files.
 *
 * <p>Files are written once, become visible whole or not at all, and never change afterwards.
 *
 * <p>Threads: reading methods may be called by any thread at any time. Writing methods ({@link
 * #replaceManifest}, {@link #create}, {@link #delete}, {@link #deleteUnpublished}, {@link
 * #setAside}) belong to the owner of the {@link #claim}, one thread at a time; any thread of any
 * process may {@link #noteDamage note damage}.
 */
public interface LayerHome {
  /** Returns the name of this home for messages, for instance the directory. */
  String location();

  /**
   * Returns the manifest's bytes; an empty array if there is no manifest. It is durable when this
   * returns, unless this process may not write to the home.
   */
  byte[] readManifest() throws IOException;

  /**
   * Replaces the manifest if it still is {@code expected}: atomically, and durably when this
   * returns. After an {@link IOException} the manifest is either of the two, and the caller retries
   * with the same arguments.
   *
   * @param expected what {@link #readManifest} returned, or the replacement of the last call
   * @throws ManifestMovedException if the manifest is neither {@code expected} nor {@code
   *     replacement}: another owner wrote it; nothing is changed
   */
  void replaceManifest(byte[] expected, byte[] replacement) throws IOException;

  /**
   * Starts a layer file. It is not visible before {@link LayerFileOutput#publish}.
   *
   * @param buffer for bytes that are not written yet; empty, and used until the file is closed
   * @param background runs syncs to disk while the caller continues; it may reject them
   */
  LayerFileOutput create(LayerPath path, ByteBuffer buffer, Executor background) throws IOException;

  /**
   * Opens a layer file for reading.
   *
   * @throws java.nio.file.NoSuchFileException if it does not exist
   */
  LayerFileInput open(LayerPath path) throws IOException;

  /** Deletes a layer file; does nothing if it does not exist. */
  void delete(LayerPath path) throws IOException;

  /**
   * Deletes files that their writers did not publish before they ended.
   *
   * @return the names of the deleted files, for logs
   */
  List<String> deleteUnpublished() throws IOException;

  /**
   * Returns the layer files that were published, in no order; none if the home does not exist yet.
   * Files that are not named like layer files are left out.
   */
  List<LayerPath> list() throws IOException;

  /**
   * Writes a durable note that a layer file is damaged. A note that exists is kept unchanged.
   *
   * @param why what is wrong with it, as text for people
   */
  void noteDamage(LayerPath path, String why) throws IOException;

  /** Returns the layer files that have a note of damage, whether or not the files exist. */
  Set<LayerPath> damaged() throws IOException;

  /**
   * Returns the note of a layer file's damage.
   *
   * @throws java.nio.file.NoSuchFileException if it has none
   */
  String readDamage(LayerPath path) throws IOException;

  /**
   * Moves layer files, and the notes of their damage, out of the home to a place where people can
   * examine them, with a copy of the manifest and the reason. {@link #list} and {@link #damaged} do
   * not return them afterwards. The result is durable when this returns; after an {@link
   * IOException} any part of it may be done. Nothing is deleted.
   *
   * @param paths files that may exist or not, in the order in which they are moved
   * @param why the reason, as text for people
   * @return where they are now, for messages
   */
  String setAside(List<LayerPath> paths, String why) throws IOException;

  /**
   * Returns the time that all syncs to disk have taken so far, in nanoseconds; 0 if it is not
   * measured.
   */
  default long syncNanos() {
    return 0;
  }

  /**
   * Claims the home for writing, and creates it if it does not exist. The owner of the claim is the
   * only writer, in this process and in others, until the claim is closed or the process ends.
   *
   * @throws HomeClaimedException if another owner has it, and did not release it within this home's
   *     claim timeout
   */
  Claim claim() throws IOException;
}
