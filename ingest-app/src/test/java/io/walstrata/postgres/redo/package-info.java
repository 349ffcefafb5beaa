/** Tests of redo, and the programs that prove it against PostgreSQL itself. */
@NullMarked
package io.walstrata.postgres.redo;

import org.jspecify.annotations.NullMarked;
