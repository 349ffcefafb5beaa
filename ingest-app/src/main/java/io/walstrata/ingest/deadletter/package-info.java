/** Reads a dead-letter topic and sends its letters again. */
@NullMarked
package io.walstrata.ingest.deadletter;

import org.jspecify.annotations.NullMarked;
