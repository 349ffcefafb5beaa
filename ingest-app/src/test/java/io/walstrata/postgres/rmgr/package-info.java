@NullMarked
package io.walstrata.postgres.rmgr;

import org.jspecify.annotations.NullMarked;
