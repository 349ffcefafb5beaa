@NullMarked
package io.walstrata.postgres.wal;

import org.jspecify.annotations.NullMarked;
