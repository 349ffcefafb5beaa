/** The job as a whole: its topology and its life, put together from the packages below. */
@NullMarked
package io.walstrata.ingest;

import org.jspecify.annotations.NullMarked;
