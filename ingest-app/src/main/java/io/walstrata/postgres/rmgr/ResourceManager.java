package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalRecord;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of the records of one part of the server: their names, their text, their
 * effects. One class for each, as a row of PostgreSQL's own table of resource managers; {@link
 * ResourceManagers} has them by id. Stateless.
 *
 * <p>A method that reads a record's contents throws a {@link
 * io.walstrata.postgres.wal.WalException} if they are not what the record's type requires.
 */
public interface ResourceManager {
  /** Returns the id and the name. */
  Rmgr rmgr();

  /**
   * Returns the name of a type of record as pg_waldump prints it, for instance {@code INSERT+INIT};
   * null if the version has no such type.
   *
   * @param type the upper half of the info byte, see {@link WalRecord#type()}
   */
  @Nullable String identify(int type, PgVersion version);

  /**
   * Adds what pg_waldump of the record's version prints after the type, possibly nothing.
   *
   * @param record one of this manager, of any type
   */
  void describe(WalRecord record, DescriptionBuilder out);

  /**
   * Adds what the record does to the page store beyond its block references; by default nothing.
   *
   * @param record one of this manager, of any type
   */
  default void effects(WalRecord record, EffectsBuilder effects) {}

  /** Returns how the records are replayed; by default, none can be. */
  default RecordRedo redo() {
    return (record, page) -> {
      throw RecordRedo.unsupported(record);
    };
  }

  /**
   * Returns whether the record states to the microsecond when it was written, as the end of a
   * transaction does: two servers do not write the same one.
   */
  default boolean isTimed(WalRecord record) {
    return false;
  }
}
