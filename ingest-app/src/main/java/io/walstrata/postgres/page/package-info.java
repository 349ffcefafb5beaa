/**
 * The layout of PostgreSQL's pages: page header, line pointers, tuple headers, and the operations
 * on them that access methods share. Knows nothing of WAL records.
 *
 * <p>In PostgreSQL: {@code storage/bufpage.h}, {@code storage/itemid.h}, {@code bufpage.c}, {@code
 * access/htup_details.h}.
 */
@NullMarked
package io.walstrata.postgres.page;

import org.jspecify.annotations.NullMarked;
