/** Tests of page layouts. */
@NullMarked
package io.walstrata.postgres.page;

import org.jspecify.annotations.NullMarked;
