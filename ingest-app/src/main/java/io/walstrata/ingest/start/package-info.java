/** The steps of a start before records are read, and the parts that it opens. */
@NullMarked
package io.walstrata.ingest.start;

import org.jspecify.annotations.NullMarked;
