/**
 * PostgreSQL's resource managers, versions 15 to 18: the names of their records, a line of text for
 * each, and what it does to the page store.
 *
 * <p>{@link io.walstrata.postgres.rmgr.ResourceManagers} has one class for each. {@link
 * io.walstrata.postgres.rmgr.WalMapper} returns what a record does to the page store, and {@link
 * io.walstrata.postgres.rmgr.WalText} describes it, both by asking the record's manager.
 */
@NullMarked
package io.walstrata.postgres.rmgr;

import org.jspecify.annotations.NullMarked;
