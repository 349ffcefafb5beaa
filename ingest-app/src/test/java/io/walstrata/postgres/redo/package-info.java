@NullMarked
package io.walstrata.postgres.redo;

import org.jspecify.annotations.NullMarked;
