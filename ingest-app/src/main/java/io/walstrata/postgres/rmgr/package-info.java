/**
 * PostgreSQL's resource managers, versions 15 to 18: the names of their records, a line of text for
 * each, and what it does to the page store.
 *
 * <p>{@link io.walstrata.postgres.rmgr.ResourceManagers} has one class for each; they are not for
 * other packages. Three classes are, and each answers by what the record's manager knows: {@link
 * io.walstrata.postgres.rmgr.WalMapper} returns what a record does to the page store, {@link
 * io.walstrata.postgres.rmgr.WalText} describes it, and {@link
 * io.walstrata.postgres.rmgr.WalLevelCheck} finds log that lacks changes. They are here so that the
 * managers stay private.
 */
@NullMarked
package io.walstrata.postgres.rmgr;

import org.jspecify.annotations.NullMarked;
