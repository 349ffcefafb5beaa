/**
 * PostgreSQL's resource managers, versions 15 to 18: the names of their records, a line of text for
 * each, what it does to the page store, and its redo.
 *
 * <p>{@link io.walstrata.postgres.rmgr.ResourceManagers} has one class for each, which no other
 * package sees. Three classes answer from what the managers know, and are here so that this stays
 * so: {@link io.walstrata.postgres.rmgr.WalMapper} returns what a record does to the page store,
 * {@link io.walstrata.postgres.rmgr.WalText} describes it, and {@link
 * io.walstrata.postgres.rmgr.WalLevelCheck} finds log that lacks changes.
 */
@NullMarked
package io.walstrata.postgres.rmgr;

import org.jspecify.annotations.NullMarked;
