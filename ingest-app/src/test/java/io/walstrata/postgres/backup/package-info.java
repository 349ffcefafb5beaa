@NullMarked
package io.walstrata.postgres.backup;

import org.jspecify.annotations.NullMarked;
